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
            return Fail(
                "there are no labels: add a file of the role labels with one class a line, or labels to the manifest");
        }

        labels = [.. labels.Select(label => label.Trim())];
        labels = labels is [.. var named, ""] ? named : labels;
        labels = labels[Math.Min(labels.Length, Math.Max(0, -files.Manifest.Output.LabelOffset))..];
        var repeated = labels.GroupBy(label => label).FirstOrDefault(group => group.Count() > ClassesOfOneName);
        return labels.Length == 0 ? Fail("there are no labels: their list is empty")
            : Array.FindIndex(labels, label => label.Length is 0 or > LongestLabel) is >= 0 and var at
                ? Fail($"label {at + 1} has {labels[at].Length} letters: write 1 to {LongestLabel}")
            : repeated is not null
                ? Fail($"'{repeated.Key}' is the label of {repeated.Count()} classes: "
                    + $"give at most {ClassesOfOneName} the same name")
            : new Outcome<string[]>.Ok(labels);
    }

    /// <summary>
    /// Returns the class tree that the manifest names, and the labels with the tree's names for those that several
    /// classes share, so that no two are the same.
    /// </summary>
    public static Outcome<(string[] Labels, ClassTree? Tree)> TreeOf(ModelFiles files, string[] labels)
    {
        if (files.Tree is not { } path)
        {
            return new Outcome<(string[], ClassTree?)>.Ok((labels, null));
        }

        if (!ClassTreeFile.Read(path).Try(out var file, out var reason))
        {
            return new Outcome<(string[], ClassTree?)>.Failed(reason);
        }

        if (file.Classes.Count != labels.Length)
        {
            return new Outcome<(string[], ClassTree?)>.Failed(
                $"{path} has {file.Classes.Count} classes, and the model {labels.Length}: "
                + "leave tree out of the manifest, or name another one");
        }

        var shared = labels
            .CountBy(label => label)
            .Where(count => count.Value > 1)
            .Select(count => count.Key)
            .ToHashSet();
        labels = [.. labels.Select((label, index) => shared.Contains(label) ? file.Classes[index].Name : label)];
        return new Outcome<(string[], ClassTree?)>.Ok((labels, new ClassTree(file, labels)));
    }

    private static Outcome<string[]>.Failed Fail(string reason) => new(reason);
}
