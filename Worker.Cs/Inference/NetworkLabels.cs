using Worker.Models;
using Worker.Models.Onnx;

namespace Worker.Inference;

/// <summary>Finds a model's labels.</summary>
internal static class NetworkLabels
{
    // The limits of an answer between the nodes.
    private const int LongestLabel = 256;
    private const int ClassesOfOneName = 2;

    /// <summary>
    /// Returns the labels of the manifest, of its file, or of the model itself, without those before the first value.
    /// </summary>
    public static Outcome<string[]> Of(ModelFiles files, OnnxGraph graph)
    {
        var labels = files.Manifest.Labels?.ToArray()
            ?? (files.Labels is { } path ? File.ReadAllLines(path) : GraphEnd.Labels(graph)?.ToArray());
        if (labels is null)
        {
            return Fail("there are no labels: add a file of the role labels with one class a line, or labels to the manifest");
        }

        labels = [.. labels.Select(label => label.Trim())];
        labels = labels is [.. var named, ""] ? named : labels;
        labels = labels[Math.Min(labels.Length, Math.Max(0, -files.Manifest.Output.LabelOffset))..];
        var repeated = labels.GroupBy(label => label).FirstOrDefault(group => group.Count() > ClassesOfOneName);
        return labels.Length == 0 ? Fail("there are no labels: their list is empty")
            : Array.FindIndex(labels, label => label.Length is 0 or > LongestLabel) is >= 0 and var at
                ? Fail($"label {at + 1} has {labels[at].Length} letters: write 1 to {LongestLabel}")
            : repeated is not null
                ? Fail($"'{repeated.Key}' is the label of {repeated.Count()} classes: give at most {ClassesOfOneName} the same name")
            : new Outcome<string[]>.Ok(labels);
    }

    private static Outcome<string[]>.Failed Fail(string reason) => new(reason);
}
