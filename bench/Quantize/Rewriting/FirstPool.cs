using Onnx;

namespace Quantize.Rewriting;

/// <summary>
/// The first convolution has three channels to read, of which 8 bits make nothing faster: it stays in float. What is pooled
/// behind it is a quarter as much, so the bytes are to begin there; a runtime would move their beginning before the pool again,
/// and not past a Relu.
/// </summary>
internal static class FirstPool
{
    /// <summary>
    /// A copy of <paramref name="model"/> in which the Relu between the first convolution and a MaxPool comes behind it:
    /// the highest of several values is the same before and after.
    /// </summary>
    public static ModelProto BeforeRelu(ModelProto model)
    {
        var copy = model.Clone();
        var nodes = copy.Graph.Node;
        var inputs = copy.Graph.Input.Select(port => port.Name).ToHashSet();
        if (nodes.FirstOrDefault(node => node.OpType == "Conv" && inputs.Contains(node.Input[0])) is { } first
            && Readers(first) is [{ OpType: "Relu" } relu]
            && Readers(relu) is [{ OpType: "MaxPool", Output.Count: 1 } pool])
        {
            var (earlier, later) = (nodes.IndexOf(relu), nodes.IndexOf(pool));
            (nodes[earlier], nodes[later]) = (pool, relu);
            var highest = relu.Output[0];
            (pool.Input[0], relu.Input[0], relu.Output[0]) = (first.Output[0], highest, pool.Output[0]);
            pool.Output[0] = highest;
        }

        return copy;

        List<NodeProto> Readers(NodeProto node) => [.. nodes.Where(other => other.Input.Contains(node.Output[0]))];
    }
}
