using Onnx;
using Quantize.Calibration;

namespace Quantize.Rewriting;

/// <summary>
/// The same network with its convolutions between QuantizeLinear and DequantizeLinear, which is how a runtime is told to
/// compute them in 8 bits: unsigned for what a picture makes, signed for the weights.
/// </summary>
internal sealed class Rewriter
{
    private const int Whole = 2;

    private readonly GraphProto graph;
    private readonly IReadOnlyDictionary<string, Scale> scales;
    private readonly List<NodeProto> nodes = [];
    private readonly HashSet<string> done = [];

    private Rewriter(GraphProto graph, IReadOnlyDictionary<string, Scale> scales) => (this.graph, this.scales) = (graph, scales);

    /// <summary>The name under which a convolution's bias is stored, in steps of input times weight.</summary>
    public static string Stored(string tensor) => tensor + "/stored";

    /// <summary>The name under which a tensor's step is stored.</summary>
    public static string Step(string tensor) => tensor + "/step";

    /// <summary>A copy of <paramref name="model"/>, changed.</summary>
    public static ModelProto Rewrite(ModelProto model, Plan plan, IReadOnlyDictionary<string, Scale> scales)
    {
        var copy = model.Clone();
        var rewriter = new Rewriter(copy.Graph, scales);
        var convolutions = plan.Convolutions.Select(node => node.Output[0]).ToHashSet();
        foreach (var node in copy.Graph.Node.ToList())
        {
            rewriter.Add(node, convolutions.Contains(node.Output[0]));
        }

        copy.Graph.Node.Clear();
        copy.Graph.Node.AddRange(rewriter.nodes);
        copy.ProducerName = "bench/Quantize";
        return copy;
    }

    private void Add(NodeProto node, bool isConvolution)
    {
        var input = node.Input[0];
        for (var at = 0; at < node.Input.Count; at++)
        {
            node.Input[at] = scales.TryGetValue(node.Input[at], out var scale) ? InEightBits(node.Input[at], scale) : node.Input[at];
        }

        if (isConvolution)
        {
            StoreInEightBits(node, scales[input]);
        }

        nodes.Add(node);
    }

    /// <summary>What reads the tensor reads this in its place.</summary>
    private string InEightBits(string tensor, Scale scale)
    {
        if (done.Add(tensor))
        {
            graph.Store(Step(tensor), [scale.Step]);
            graph.Store(Zero(tensor), [scale.Zero]);
            Insert("QuantizeLinear", tensor, tensor, Stored(tensor));
            Insert("DequantizeLinear", tensor, Stored(tensor), Read(tensor));
        }

        return Read(tensor);
    }

    private void StoreInEightBits(NodeProto convolution, Scale input)
    {
        var (weight, bias) = (graph.Stored(convolution.Input[1]), graph.Stored(convolution.Input[2]));
        var channels = (int)weight.Dims[0];
        var weights = ChannelWeights.Of(weight.Values<float>(), channels);
        float[] steps = [.. weights.Steps.Select(step => step * input.Step)];
        int[] biases = [.. bias.Values<float>().Zip(steps, (value, step) => (int)Math.Round(value / step))];
        convolution.Input[1] = Store<sbyte>(weight, weights.Values, weights.Steps);
        convolution.Input[2] = Store<int>(bias, biases, steps);
    }

    private string Store<T>(TensorProto tensor, T[] values, float[] steps)
        where T : unmanaged
    {
        graph.Initializer.Remove(tensor);
        graph.Store<T>(Stored(tensor.Name), values, tensor.Dims);
        graph.Store<float>(Step(tensor.Name), steps, steps.Length);
        graph.Store<T>(Zero(tensor.Name), new T[steps.Length], steps.Length);
        var node = Insert("DequantizeLinear", tensor.Name, Stored(tensor.Name), Read(tensor.Name));
        node.Attribute.Add(new AttributeProto { Name = "axis", I = 0, Type = Whole });
        return Read(tensor.Name);
    }

    private NodeProto Insert(string operation, string tensor, string from, string to)
    {
        var node = new NodeProto { OpType = operation, Name = $"{tensor}/{operation}" };
        node.Input.AddRange([from, Step(tensor), Zero(tensor)]);
        node.Output.Add(to);
        nodes.Add(node);
        return node;
    }

    private static string Zero(string tensor) => tensor + "/zero";

    private static string Read(string tensor) => tensor + "/read";
}
