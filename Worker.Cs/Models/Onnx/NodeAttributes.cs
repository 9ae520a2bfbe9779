namespace Worker.Models.Onnx;

/// <summary>Reads a node's attributes.</summary>
internal static class NodeAttributes
{
    /// <summary>Returns a whole number, or <paramref name="otherwise"/> if there is none of that name.</summary>
    public static long Int(this NodeProto node, string name, long otherwise) => Find(node, name)?.I ?? otherwise;

    /// <summary>Returns a number, or <paramref name="otherwise"/> if there is none of that name.</summary>
    public static float Float(this NodeProto node, string name, float otherwise) => Find(node, name)?.F ?? otherwise;

    /// <summary>Returns the whole numbers of a list; empty if there is none of that name.</summary>
    public static IReadOnlyList<long> Ints(this NodeProto node, string name) => Find(node, name)?.Ints ?? [];

    /// <summary>Returns the texts of a list; empty if there is none of that name.</summary>
    public static IReadOnlyList<string> Strings(this NodeProto node, string name) =>
        Find(node, name)?.Strings.Select(text => text.ToStringUtf8()).ToList() ?? [];

    /// <summary>Returns a tensor; null if there is none of that name.</summary>
    public static TensorProto? Tensor(this NodeProto node, string name) => Find(node, name)?.T;

    private static AttributeProto? Find(NodeProto node, string name) =>
        node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
}
