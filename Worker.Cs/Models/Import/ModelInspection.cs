using System.Globalization;
using Worker.Inference;
using Worker.Models.Onnx;

namespace Worker.Models.Import;

/// <summary>Describes a model for people: what was found, what is missing, and what is assumed.</summary>
public static class ModelInspection
{
    private const int Operators = 6;

    /// <summary>
    /// Returns the lines of the description of an ONNX file, or of a folder with one; fails if there is no model.
    /// </summary>
    public static Outcome<IReadOnlyList<string>> Inspect(string path)
    {
        if (!ModelDraft.Of(path).Try(out var draft, out var reason))
        {
            return new Outcome<IReadOnlyList<string>>.Failed(reason);
        }

        if (ManifestValidation.Validate(draft.Manifest, draft.Manifest.Id) is { } error)
        {
            return new Outcome<IReadOnlyList<string>>.Failed($"{path}: {error}");
        }

        return new Outcome<IReadOnlyList<string>>.Ok([.. Graph(draft), .. Manifest(draft), .. Served(draft)]);
    }

    private static IEnumerable<string> Graph(ModelDraft draft)
    {
        var graph = draft.Graph;
        var network = draft.Manifest.Files[0];
        var versions = graph.Model.OpsetImport.Where(set => set.Domain.Length == 0).Select(set => set.Version);
        var opset = string.Join(", ", versions);
        var tool = Or(graph.Model.ProducerName, "an unknown tool");
        yield return Line(
            "file", $"{network.Name}, {network.Bytes / 1e6:0.0} MB, opset {opset}, written by {tool}");
        foreach (var input in graph.Inputs)
        {
            yield return Line("input", $"{input}");
        }

        foreach (var output in graph.Outputs)
        {
            var tensor = GraphEnd.Values(graph, output.Name);
            var operators = string.Join(", ", graph.LastOperators(output.Name, Operators));
            yield return Line("output", $"{output}, after {operators}");
            if (output.ElementType == ElementType.String)
            {
                continue;
            }

            yield return Line("", GraphEnd.Activation(graph, tensor) is { } activation
                ? $"{activation} inside"
                : "neither softmax nor sigmoid inside");
            yield return Line("", PooledClassifier.Find(graph, tensor) is { } pooled
                ? $"class activation maps from {pooled.Features}"
                : "no class activation maps: it does not end in global average pooling and a linear layer");
        }

        foreach (var file in graph.ExternalFiles)
        {
            var isThere = File.Exists(Path.Combine(draft.Folder, file));
            yield return Line("data", isThere ? file : $"{file}, which is missing");
        }
    }

    private static IEnumerable<string> Manifest(ModelDraft draft)
    {
        var manifest = draft.Manifest;
        var held = GraphEnd.Labels(draft.Graph);
        yield return Line("labels", manifest.Labels is { } listed ? Counted(listed)
            : manifest.Variants(FileRole.Labels).FirstOrDefault() is { } file ? file.Name
            : held is not null ? $"{Counted(held)}, in the model"
            : "none: give them with --labels FILE, one class a line");
        yield return Line("from", draft.Tool ?? "no tool's files");
        foreach (var assumption in draft.Assumptions)
        {
            yield return Line("assumed", assumption);
        }
    }

    private static IEnumerable<string> Served(ModelDraft draft)
    {
        if (!ModelImport.Load(draft).Try(out var network, out var reason))
        {
            yield return Line("refused", reason);
            yield break;
        }

        using (network)
        {
            var (input, steps) = (network.Input, network.Preprocessing);
            var classes = $"{network.Labels.Count} classes, {ManifestText.Of(network.Output.Kind)}";
            var pixels = $"{network.InputWidth} × {network.InputHeight} pixels";
            var layout = $"{ManifestText.Of(input.Channels)}, {ManifestText.Of(input.Layout)}";
            yield return Line("served", $"as {classes}, from {pixels}, {layout}");
            var (method, interpolation) = (ManifestText.Of(steps.Method), ManifestText.Of(steps.Interpolation));
            yield return Line("resize", $"{method}, {steps.KeptSide}, {interpolation}");
            yield return Line("normalise", Text(network.Manifest.Normalise));
        }
    }

    private static string Counted(IReadOnlyList<string> labels) =>
        $"{labels.Count}: {string.Join(", ", labels.Take(3))}{(labels.Count > 3 ? ", …" : "")}";

    private static string Text(NormaliseSpec spec) =>
        (spec.Preset ?? NormalisePreset.Of(spec).Name)
        + (spec.Scale is { } scale ? FormattableString.Invariant($", scale {scale:0.######}") : "")
        + (spec.Mean is { } mean ? $", mean {Numbers(mean)}" : "")
        + (spec.Std is { } std ? $", std {Numbers(std)}" : "");

    private static string Numbers(IEnumerable<double> values) =>
        string.Join(' ', values.Select(value => value.ToString("0.###", CultureInfo.InvariantCulture)));

    private static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;

    private static string Line(string what, string text) => FormattableString.Invariant($"{what,-10} {text}");
}
