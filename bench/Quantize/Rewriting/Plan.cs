using Onnx;

namespace Quantize.Rewriting;

/// <summary>What of a network can be computed in 8 bits.</summary>
internal sealed class Plan
{
    private Plan(string input) => Input = input;

    /// <summary>The network's own input.</summary>
    public string Input { get; }

    /// <summary>Convolutions whose weights are in the file, and whose output only a Relu reads.</summary>
    public List<NodeProto> Convolutions { get; } = [];

    /// <summary>What these Relus give: never below 0.</summary>
    public List<string> Activations { get; } = [];

    /// <summary>Nodes that put together or pick out values of <see cref="Activations"/> without changing any.</summary>
    public List<NodeProto> Movers { get; } = [];

    /// <summary>Of <paramref name="model"/>.</summary>
    /// <exception cref="InvalidDataException">There is nothing to compute in 8 bits, or its operators are too old for it.</exception>
    public static Plan Of(ModelProto model)
    {
        const int ScalesByChannel = 13;
        var graph = model.Graph;
        if (!model.OpsetImport.Any(set => set.Domain.Length == 0 && set.Version >= ScalesByChannel))
        {
            throw new InvalidDataException($"The network's operators are older than set {ScalesByChannel}, the first with a scale for each channel: export it with a newer one.");
        }

        var stored = graph.Initializer.Where(tensor => tensor.DataType == Tensors.Float && tensor.RawData.Length > 0).Select(tensor => tensor.Name).ToHashSet();
        var readers = graph.Node.SelectMany(node => node.Input.Select(tensor => (tensor, node))).ToLookup(pair => pair.tensor, pair => pair.node);
        var input = graph.Input.Select(port => port.Name).First(name => !stored.Contains(name));
        var (plan, eight) = (new Plan(input), new HashSet<string> { input });
        foreach (var node in graph.Node)
        {
            switch (node.OpType)
            {
                case "Conv" when eight.Contains(node.Input[0]) && node.Input.Count == 3 && node.Input.Skip(1).All(stored.Contains)
                    && readers[node.Output[0]].ToList() is [{ OpType: "Relu" } relu]:
                    plan.Convolutions.Add(node);
                    plan.Activations.Add(relu.Output[0]);
                    eight.Add(relu.Output[0]);
                    break;
                case "Concat" or "MaxPool" when node.Input.All(tensor => eight.Contains(tensor) && tensor != input):
                    plan.Movers.Add(node);
                    eight.Add(node.Output[0]);
                    break;
            }
        }

        return plan.Convolutions.Count > 0
            ? plan
            : throw new InvalidDataException("No convolution of the network is followed by a Relu alone: there is nothing to compute in 8 bits.");
    }
}
