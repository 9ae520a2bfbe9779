using Onnx;

namespace Quantize.Rewriting;

/// <summary>
/// Puts a network's convolutions between QuantizeLinear and DequantizeLinear, so that a runtime computes them in 8
/// bits: unsigned for activations, signed for weights.
/// </summary>
internal sealed class Rewriter
{
    private const int Whole = 2;

    private readonly GraphProto graph;
    private readonly IReadOnlyDictionary<string, float> steps;
    private readonly List<NodeProto> nodes = [];
    private readonly HashSet<string> done = [];

    private Rewriter(GraphProto graph, IReadOnlyDictionary<string, float> steps) => (this.graph, this.steps) = (graph, steps);

    /// <summary>Returns the name of a convolution's stored bias, in steps of input times weight.</summary>
    public static string Stored(string tensor) => tensor + "/stored";

    /// <summary>Returns the name of a tensor's stored step.</summary>
    public static string Step(string tensor) => tensor + "/step";

    /// <summary>
    /// Returns a rewritten copy of <paramref name="model"/>; <paramref name="steps"/> are those of its tensors that
    /// have 8 bits.
    /// </summary>
    public static ModelProto Rewrite(ModelProto model, Plan plan, IReadOnlyDictionary<string, float> steps)
    {
        var copy = model.Clone();
        var rewriter = new Rewriter(copy.Graph, steps);
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
            node.Input[at] = steps.TryGetValue(node.Input[at], out var step) ? InEightBits(node.Input[at], step) : node.Input[at];
        }

        if (isConvolution)
        {
            StoreInEightBits(node, steps[input]);
        }

        nodes.Add(node);
    }

    /// <summary>Returns the 8-bit form of a tensor, for its readers.</summary>
    private string InEightBits(string tensor, float step)
    {
        if (done.Add(tensor))
        {
            graph.Store<float>(Step(tensor), [step]);
            graph.Store<byte>(Zero(tensor), [0]);
            Insert("QuantizeLinear", tensor, tensor, Stored(tensor));
            Insert("DequantizeLinear", tensor, Stored(tensor), Read(tensor));
        }

        return Read(tensor);
    }

    private void StoreInEightBits(NodeProto convolution, float input)
    {
        var (weight, bias) = (graph.Stored(convolution.Input[1]), graph.Stored(convolution.Input[2]));
        var channels = (int)weight.Dims[0];
        var weights = ChannelWeights.Of(weight.Values<float>(), channels);
        float[] products = [.. weights.Steps.Select(step => step * input)];
        int[] biases = [.. bias.Values<float>().Zip(products, (value, step) => (int)Math.Round(value / step))];
        convolution.Input[1] = Store<sbyte>(weight, weights.Values, weights.Steps);
        convolution.Input[2] = Store<int>(bias, biases, products);
    }

    private string Store<T>(TensorProto tensor, T[] values, float[] channels)
        where T : unmanaged
    {
        graph.Initializer.Remove(tensor);
        graph.Store<T>(Stored(tensor.Name), values, tensor.Dims);
        graph.Store<float>(Step(tensor.Name), channels, channels.Length);
        graph.Store<T>(Zero(tensor.Name), new T[channels.Length], channels.Length);
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
