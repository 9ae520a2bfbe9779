using Onnx;

namespace Quantize.Rewriting;

/// <summary>
/// Moves the first Relu behind the pool. The first convolution reads only three channels, which 8 bits don't speed up,
/// so it stays in float. The pool's output is a quarter as large, so 8 bits should start there; a runtime would move
/// their start before the pool again, but not past a Relu.
/// </summary>
internal static class FirstPool
{
    /// <summary>
    /// Returns a copy of <paramref name="model"/> in which the Relu between the first convolution and a MaxPool comes
    /// after the pool; the maximum of several values is the same before and after.
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
