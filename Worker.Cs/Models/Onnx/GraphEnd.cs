using System.Globalization;
using System.Text.RegularExpressions;

namespace Worker.Models.Onnx;

/// <summary>What follows the classifier in a graph: the activation, and labels.</summary>
internal static partial class GraphEnd
{
    /// <summary>
    /// Returns the tensor with one value for each class behind an output: that of a ZipMap, which turns it into a
    /// sequence of maps, is the ZipMap's input.
    /// </summary>
    public static string Values(OnnxGraph graph, string output) =>
        graph.Producer(output) is { OpType: "ZipMap" } zip ? zip.Input[0] : output;

    /// <summary>Returns <c>Softmax</c> or <c>Sigmoid</c> if the graph computes it last, else null.</summary>
    public static string? Activation(OnnxGraph graph, string tensor)
    {
        for (var node = graph.Producer(tensor); node is not null; node = graph.Producer(node.Input[0]))
        {
            switch (node.OpType)
            {
                case "Softmax" or "Sigmoid":
                    return node.OpType;
                // A Gather or Slice here would take a part of the softmax, whose sum is below 1.
                case "Identity" or "Flatten" or "Reshape" or "Squeeze" or "Unsqueeze" or "Cast" or "QuantizeLinear"
                    or "DequantizeLinear" or "Transpose":
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>
    /// Returns the labels that the model holds: a ZipMap's, or the <c>names</c> of Ultralytics' metadata. Null without.
    /// </summary>
    public static IReadOnlyList<string>? Labels(OnnxGraph graph)
    {
        if (graph.Model.Graph.Node.FirstOrDefault(node => node.OpType == "ZipMap") is { } zip)
        {
            return zip.Strings("classlabels_strings") is { Count: > 0 } texts
                ? texts
                : [.. zip.Ints("classlabels_int64s").Select(number => number.ToString(CultureInfo.InvariantCulture))];
        }

        return graph.Metadata.TryGetValue("names", out var names) ? Names(names) : null;
    }

    /// <summary>Parses a Python dictionary of numbers and texts, <c>{0: 'cat', 1: "dog's"}</c>.</summary>
    private static List<string>? Names(string text)
    {
        var found = Name().Matches(text)
            .GroupBy(match => int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture))
            // As in Python, the last one counts.
            .ToDictionary(
                same => same.Key,
                same => same.Last().Groups["name"].Value.Replace("\\'", "'", StringComparison.Ordinal));
        return found.Count > 0 && found.Keys.Max() == found.Count - 1
            ? [.. found.OrderBy(entry => entry.Key).Select(entry => entry.Value)]
            : null;
    }

    [GeneratedRegex(
        """(?<=[{,]\s*)(?<index>\d{1,6})\s*:\s*(?:'(?<name>(?:[^'\\]|\\.)*)'|"(?<name>(?:[^"\\]|\\.)*)")""")]
    private static partial Regex Name();
}
