using Google.Protobuf;

namespace Worker.Models.Onnx;

/// <summary>
/// The graph of an ONNX file, indexed by tensor. The weights of external data are not read.
/// </summary>
internal sealed class OnnxGraph
{
    private readonly Dictionary<string, NodeProto> producers = [];
    private readonly Dictionary<string, TensorProto> initializers;

    /// <summary>Indexes <paramref name="model"/>.</summary>
    public OnnxGraph(ModelProto model)
    {
        Model = model;
        initializers = model.Graph.Initializer.ToDictionary(tensor => tensor.Name);
        foreach (var node in model.Graph.Node)
        {
            foreach (var output in node.Output.Where(output => output.Length > 0))
            {
                producers[output] = node;
            }
        }

        // Before IR version 4, a graph lists its initializers among its inputs.
        Inputs = [.. model.Graph.Input.Where(input => !initializers.ContainsKey(input.Name)).Select(TensorInfo.Of)];
        Outputs = [.. model.Graph.Output.Select(TensorInfo.Of)];
    }

    /// <summary>The whole message.</summary>
    public ModelProto Model { get; }

    /// <summary>The inputs that a caller gives: those that are not initializers.</summary>
    public IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>The outputs, in the graph's order.</summary>
    public IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>The metadata that a tool wrote, such as Ultralytics' <c>names</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata =>
        Model.MetadataProps.GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => group.Last().Value);

    /// <summary>Names of the files beside the model that hold weights.</summary>
    public IEnumerable<string> ExternalFiles => Model.Graph.Initializer
        .SelectMany(tensor => tensor.ExternalData.Where(entry => entry.Key == "location").Select(entry => entry.Value))
        .Distinct();

    /// <summary>Reads a file; fails if it is not an ONNX model.</summary>
    public static Outcome<OnnxGraph> Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var model = ModelProto.Parser.ParseFrom(stream);
            return model.Graph is not { Node.Count: > 0 }
                    ? new Outcome<OnnxGraph>.Failed($"{path} is not an ONNX model: it has no graph")
                : new OnnxGraph(model) is var graph && graph.HasCycle()
                    ? new Outcome<OnnxGraph>.Failed($"{path} is not an ONNX model: its nodes form a cycle")
                : new Outcome<OnnxGraph>.Ok(graph);
        }
        catch (Exception e) when (
            e is InvalidProtocolBufferException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Outcome<OnnxGraph>.Failed(
                $"{path} can't be read as an ONNX model: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Returns whether a node needs its own output, a cycle that no traversal of the inputs would leave.</summary>
    private bool HasCycle()
    {
        var nodes = Model.Graph.Node;
        var makers = nodes
            .SelectMany((node, at) => node.Output.Select(output => (output, at)))
            .Where(made => made.output.Length > 0)
            .GroupBy(made => made.output)
            .ToDictionary(same => same.Key, same => same.Last().at);
        var missing = nodes.Select(node => node.Input.Count(makers.ContainsKey)).ToArray();
        var users = nodes
            .SelectMany((node, at) => node.Input.Where(makers.ContainsKey).Select(input => (maker: makers[input], at)))
            .ToLookup(pair => pair.maker, pair => pair.at);
        var ready = new Queue<int>(Enumerable.Range(0, nodes.Count).Where(at => missing[at] == 0));
        var taken = 0;
        for (; ready.TryDequeue(out var node); taken++)
        {
            foreach (var user in users[node])
            {
                if (--missing[user] == 0)
                {
                    ready.Enqueue(user);
                }
            }
        }

        // The others are in a cycle, or depend on one.
        return taken < nodes.Count;
    }

    /// <summary>Returns the node that computes a tensor; null for inputs and initializers.</summary>
    public NodeProto? Producer(string tensor) => producers.GetValueOrDefault(tensor);

    /// <summary>Returns an initializer; null if the tensor is none.</summary>
    public TensorProto? Initializer(string tensor) => initializers.GetValueOrDefault(tensor);

    /// <summary>
    /// Returns the operators from the input to an output along first inputs, the last <paramref name="count"/> of them.
    /// </summary>
    public IReadOnlyList<string> LastOperators(string output, int count)
    {
        var found = new List<string>();
        for (var node = Producer(output); node is not null && found.Count < count; node = Before(node))
        {
            found.Insert(0, node.OpType);
        }

        return found;

        NodeProto? Before(NodeProto node) => node.Input.Select(Producer).FirstOrDefault(before => before is not null);
    }

    /// <summary>
    /// Returns the model with these outputs and no others. ONNX Runtime infers their types, and drops the nodes that
    /// none of them needs.
    /// </summary>
    public byte[] WithOutputs(params IEnumerable<string> tensors)
    {
        var model = Model.Clone();
        model.Graph.Output.Clear();
        foreach (var tensor in tensors.Distinct())
        {
            var existing = Model.Graph.Output.FirstOrDefault(output => output.Name == tensor);
            model.Graph.Output.Add(existing ?? new ValueInfoProto { Name = tensor });
        }

        return model.ToByteArray();
    }
}
