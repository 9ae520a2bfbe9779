using Onnx;

namespace Quantize.Rewriting;

/// <summary>The parts of a network that can be computed in 8 bits.</summary>
internal sealed class Plan
{
    // The first operator set with a scale for each channel.
    private const int OperatorSet = 13;

    /// <summary>
    /// The convolutions of <see cref="Activations"/> whose weights are in the file and whose output only a Relu reads.
    /// </summary>
    public List<NodeProto> Convolutions { get; } = [];

    /// <summary>The outputs of the network's Relus: never below 0.</summary>
    public List<string> Activations { get; } = [];

    /// <summary>The nodes that join or select values of <see cref="Activations"/> without changing any.</summary>
    public List<NodeProto> Movers { get; } = [];

    /// <summary>Creates the plan of <paramref name="model"/>.</summary>
    /// <exception cref="InvalidDataException">
    /// Nothing can be computed in 8 bits, or the operators are too old for it.
    /// </exception>
    public static Plan Of(ModelProto model)
    {
        if (!model.OpsetImport.Any(set => set.Domain.Length == 0 && set.Version >= OperatorSet))
        {
            throw new InvalidDataException($"The network's operators are older than set {OperatorSet}, the first with a scale for each channel: export it with a newer one.");
        }

        var graph = model.Graph;
        var stored = graph.Initializer.Where(tensor => tensor.DataType == Tensors.Float && tensor.RawData.Length > 0).Select(tensor => tensor.Name).ToHashSet();
        var readers = graph.Node.SelectMany(node => node.Input.Select(tensor => (tensor, node))).ToLookup(pair => pair.tensor, pair => pair.node);
        var (plan, eight) = (new Plan(), new HashSet<string>());
        foreach (var node in graph.Node)
        {
            switch (node.OpType)
            {
                case "Relu":
                    plan.Activations.Add(node.Output[0]);
                    eight.Add(node.Output[0]);
                    break;
                case "Conv" when eight.Contains(node.Input[0]) && node.Input.Count == 3 && node.Input.Skip(1).All(stored.Contains)
                    && readers[node.Output[0]].ToList() is [{ OpType: "Relu" }]:
                    plan.Convolutions.Add(node);
                    break;
                case "Concat" or "MaxPool" when node.Input.All(eight.Contains):
                    plan.Movers.Add(node);
                    eight.Add(node.Output[0]);
                    break;
            }
        }

        return plan.Convolutions.Count > 0
            ? plan
            : throw new InvalidDataException("No convolution of the network stands between two Relus: there is nothing to compute in 8 bits.");
    }
}
