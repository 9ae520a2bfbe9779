using System.Text.Json;
using System.Text.Json.Serialization;

namespace Worker.Models;

/// <summary>A class tree of the catalog: <c>models/&lt;name&gt;/tree.json</c>.</summary>
/// <param name="Source">Where the tree comes from, for people.</param>
/// <param name="Classes">The classes in the order of the network's output.</param>
/// <param name="Groups">The groups of classes that have a name.</param>
public sealed record ClassTreeFile(string Source, IReadOnlyList<TreeNode> Classes, IReadOnlyList<TreeNode> Groups)
{
    /// <summary>The name of the file in its folder.</summary>
    public const string FileName = "tree.json";

    // The limits of an answer between the nodes: a text, and a path, whose last node is the answer itself.
    private const int LongestText = 256;
    private const int MostLandmarks = 31;

    // The tree of ImageNet's 21,841 classes takes a tenth.
    private const long MostSteps = 5_000_000;

    /// <summary>Reads and validates a tree.</summary>
    public static Outcome<ClassTreeFile> Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var tree = JsonSerializer.Deserialize(stream, ClassTreeJson.Default.ClassTreeFile);
            var error = tree is null ? "it is empty" : tree.Validate();
            return error is null ? new Outcome<ClassTreeFile>.Ok(tree!) : Fail(error);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message);
        }

        Outcome<ClassTreeFile>.Failed Fail(string reason) => new($"{path}: {reason}");
    }

    /// <summary>Returns the JSON, with one node a line so that changes can be read.</summary>
    public string Write()
    {
        return $$"""
            {
              "source": {{JsonSerializer.Serialize(Source, ClassTreeJson.Default.String)}},
              "classes": [
            {{Lines(Classes)}}
              ],
              "groups": [
            {{Lines(Groups)}}
              ]
            }

            """.ReplaceLineEndings("\n");

        static string Lines(IEnumerable<TreeNode> nodes) =>
            string.Join(
                ",\n", nodes.Select(node => "    " + JsonSerializer.Serialize(node, ClassTreeJson.Default.TreeNode)));
    }

    /// <summary>
    /// Returns the indices of the classes that are the node, or below it; none if there is no such node.
    /// </summary>
    public IReadOnlySet<int> Below(string id)
    {
        var children = Groups
            .SelectMany(group => group.Parents.Select(parent => (parent, group.Id)))
            .ToLookup(pair => pair.parent, pair => pair.Id);
        var within = Reachable([id], node => children[node]);
        return Classes.Index()
            .Where(one => one.Item.Id == id || one.Item.Parents.Any(within.Contains))
            .Select(one => one.Index)
            .ToHashSet();
    }

    private string? Validate()
    {
        var all = Classes.Concat(Groups).ToList();
        if (all.Exists(node => node is null || node.Parents.Any(parent => parent is null)
            || node.Synonyms.Any(synonym => synonym is null)))
        {
            return "a node, a parent or a synonym is null";
        }

        if (all.Find(node => !IsText(node.Id) || !IsText(node.Name)) is { } bare)
        {
            var id = bare.Id.Length > LongestText ? $"{bare.Id[..LongestText]}…" : bare.Id;
            return $"'{id}' needs an id and a name of 1 to {LongestText} characters";
        }

        var ids = new HashSet<string>();
        if (all.Find(node => !ids.Add(node.Id)) is { } twice)
        {
            return $"{twice.Id} is there twice";
        }

        var groups = Groups.ToDictionary(group => group.Id);
        return all.SelectMany(node => node.Parents).FirstOrDefault(parent => !groups.ContainsKey(parent)) is { } lost
            ? $"the parent {lost} is not a group"
            : StructureError(all, groups);
    }

    private static string? StructureError(List<TreeNode> all, Dictionary<string, TreeNode> groups)
    {
        var steps = 0L;
        foreach (var node in all)
        {
            var above = node.Ancestors(groups);
            if (above.Contains(node.Id))
            {
                return $"{node.Id} is its own ancestor";
            }

            steps += node.Parents.Count + above.Sum(id => (long)groups[id].Parents.Count);
            if (steps > MostSteps)
            {
                return $"it has more than {MostSteps} ways from a node to a group above: leave groups out";
            }
        }

        return all.Select(node => (node.Id, Landmarks: node.MainWay(groups).Count(group => group.Landmark)))
            .FirstOrDefault(node => node.Landmarks > MostLandmarks) is ({ } id, var landmarks)
                ? $"{id} has {landmarks} landmarks above: mark at most {MostLandmarks}"
                : null;
    }

    /// <summary>Returns these nodes and all that <paramref name="next"/> leads to.</summary>
    internal static HashSet<string> Reachable(IEnumerable<string> nodes, Func<string, IEnumerable<string>> next)
    {
        var found = new HashSet<string>();
        var rest = new Stack<string>(nodes);
        while (rest.TryPop(out var id))
        {
            if (found.Add(id))
            {
                foreach (var node in next(id))
                {
                    rest.Push(node);
                }
            }
        }

        return found;
    }

    private static bool IsText(string text) => !string.IsNullOrWhiteSpace(text) && text.Length <= LongestText;
}

/// <summary>A node of a class tree.</summary>
/// <param name="Id">WordNet's id: <c>n</c> and eight digits.</param>
/// <param name="Name">The name that people use; different for every node.</param>
/// <param name="Synonyms">WordNet's further names, to search by.</param>
/// <param name="Parents">The ids of the groups above, the main one first; empty at the top.</param>
/// <param name="Landmark">Whether paths to nodes below show this group.</param>
public sealed record TreeNode(
    string Id, string Name, IReadOnlyList<string> Synonyms, IReadOnlyList<string> Parents, bool Landmark = false)
{
    /// <summary>Returns the ids of all groups that the node belongs to.</summary>
    internal HashSet<string> Ancestors(IReadOnlyDictionary<string, TreeNode> groups) =>
        ClassTreeFile.Reachable(Parents, id => groups[id].Parents);

    /// <summary>Returns the groups on the main way to the top, the nearest first.</summary>
    internal IEnumerable<TreeNode> MainWay(IReadOnlyDictionary<string, TreeNode> groups)
    {
        for (var at = this; at.Parents is [var id, ..];)
        {
            at = groups[id];
            yield return at;
        }
    }
}

/// <summary>The JSON of class trees.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ClassTreeFile))]
internal sealed partial class ClassTreeJson : JsonSerializerContext;
