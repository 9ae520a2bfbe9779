using Worker.Models;
using Worker.Models.Onnx;

namespace Worker.Inference;

/// <summary>The output of a network, of any rank, with one value for each class.</summary>
/// <param name="Name">The tensor's name; that before a ZipMap.</param>
/// <param name="Shape">Its shape, for one image.</param>
/// <param name="IsHalf">Whether it is float16, else float32.</param>
/// <param name="Kind">The kind of its values.</param>
/// <param name="NeedsSigmoid">Whether the sigmoid of <see cref="OutputKind.Sigmoid"/> is not in the graph.</param>
internal sealed record NetworkOutput(string Name, long[] Shape, bool IsHalf, OutputKind Kind, bool NeedsSigmoid)
{
    /// <summary>The number of elements.</summary>
    public int Length => (int)Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>
    /// Chooses the tensor with one value for each class; fails if no output qualifies, or several do.
    /// <paramref name="classes"/> is the number of labels plus the number of values without a label.
    /// </summary>
    public static Outcome<string> Choose(OutputSpec spec, OnnxGraph graph, int classes)
    {
        var names = string.Join("; ", graph.Outputs);
        if (spec.Name is { } name)
        {
            return graph.Outputs.FirstOrDefault(output => output.Name == name) is not { } named
                ? Fail($"there is no output '{name}'. The graph has {names}: "
                    + "write one of them as output.name, or leave it out")
                : Validate(graph, named) is { } error ? Fail(error)
                : new Outcome<string>.Ok(GraphEnd.Values(graph, name));
        }

        var fitting = graph.Outputs.Where(output => Validate(graph, output) is null).ToList();
        if (fitting.Count > 1 && fitting.Where(output => Count(output) == classes).ToList() is { Count: 1 } exact)
        {
            fitting = exact;
        }

        return fitting switch
        {
            [var only] => new Outcome<string>.Ok(GraphEnd.Values(graph, only.Name)),
            [] => Fail(string.Join("; ", graph.Outputs.Select(output => Validate(graph, output)))),
            _ => Fail($"several outputs may be the classes ({names}): write one of them as output.name"),
        };
    }

    private static string? Validate(OnnxGraph graph, TensorInfo output) => output switch
    {
        _ when GraphEnd.Values(graph, output.Name) != output.Name => null,
        { ElementType: ElementType.None, Shape: null } =>
            $"the output {output.Name} is a sequence or a map, and not a ZipMap's",
        { ElementType: not (ElementType.Float or ElementType.Float16) } =>
            $"the output is {output}: only float32 and float16 are served",
        { Shape: { } shape } when shape.Count(size => size > 1) > 1 || shape is [> 1, _, ..] =>
            $"the output {output} has more than one value a class, as detectors and recurrent networks have: "
                + "only classifiers are served",
        _ => null,
    };

    private static long? Count(TensorInfo output) =>
        output.Shape?.Skip(1).Aggregate((long?)1, (product, size) => product * size);

    private static Outcome<string>.Failed Fail(string reason) => new(reason);
}
