using Protocol.Core;
using Worker.Models;

namespace Worker.Inference;

/// <summary>
/// The classes of a network and the groups that they belong to. Thread-safe; an executor has its own sums.
/// </summary>
internal sealed class ClassTree
{
    // Sorted by the number of classes; a group follows the groups within it.
    private readonly Group[] groups;

    // The groups of all classes, concatenated: those of class i begin at starts[i].
    private readonly int[] starts;
    private readonly int[] memberships;
    private readonly ClassNode[][] classPaths;
    private readonly string[][] synonyms;

    /// <summary>
    /// Creates the tree for classes with these labels, as many as the file has; labels are those of answers.
    /// </summary>
    public ClassTree(ClassTreeFile file, IReadOnlyList<string> labels)
    {
        var byId = file.Groups.ToDictionary(group => group.Id);
        var ancestors = file.Classes.Select(node => node.Ancestors(byId)).ToArray();
        var sizes = ancestors.SelectMany(ids => ids).CountBy(id => id).ToDictionary();
        var sorted = file.Groups
            .Where(group => sizes.ContainsKey(group.Id))
            .OrderBy(group => sizes[group.Id])
            .ThenByDescending(group => group.Ancestors(byId).Count)
            .ThenBy(group => group.Id, StringComparer.Ordinal)
            .ToList();
        groups = [.. sorted.Select(group =>
            new Group(group.Id, group.Name, sizes[group.Id], Path(group, group.Name, byId)))];
        synonyms = [.. file.Classes.Select((node, index) => Names(node, labels[index]))];
        classPaths = [.. file.Classes.Select((node, index) => Path(node, labels[index], byId))];
        var places = sorted
            .Select((group, place) => (group.Id, place))
            .ToDictionary(pair => pair.Id, pair => pair.place);
        memberships = [.. ancestors.SelectMany(ids => ids.Select(id => places[id]).Order())];
        starts = [0, .. ancestors.Select(ids => ids.Count)];
        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] += starts[i - 1];
        }
    }

    /// <summary>The number of groups, which is the length of the sums.</summary>
    public int GroupCount => groups.Length;

    /// <summary>The names of each class besides its label.</summary>
    public IReadOnlyList<string[]> Synonyms => synonyms;

    /// <summary>Returns the number of classes in a group. Groups are sorted by it, and follow those within them.</summary>
    public int Size(int group) => groups[group].Size;

    /// <summary>Returns the path to a class, from the general to the specific.</summary>
    public ClassNode[] PathToClass(int index) => classPaths[index];

    /// <summary>Returns the path to a group, from the general to the specific.</summary>
    public ClassNode[] PathToGroup(int group) => groups[group].Path;

    /// <summary>Adds up the probabilities of each group's classes.</summary>
    public void Sum(ReadOnlySpan<float> probabilities, Span<double> sums)
    {
        sums.Clear();
        for (var i = 0; i < probabilities.Length; i++)
        {
            foreach (var group in memberships.AsSpan(starts[i], starts[i + 1] - starts[i]))
            {
                sums[group] += probabilities[i];
            }
        }
    }

    /// <summary>Returns the marked nodes on the main path from the root to a node, and the node itself.</summary>
    private static ClassNode[] Path(TreeNode node, string label, Dictionary<string, TreeNode> groups)
    {
        var landmarks = node.MainWay(groups).Where(group => group.Landmark).Reverse();
        return [.. landmarks.Select(group => new ClassNode(group.Id, group.Name)), new ClassNode(node.Id, label)];
    }

    private static string[] Names(TreeNode node, string label) =>
        [.. node.Synonyms.Prepend(node.Name).Where(name => name != label).Distinct()];

    private sealed record Group(string Id, string Label, int Size, ClassNode[] Path);
}
