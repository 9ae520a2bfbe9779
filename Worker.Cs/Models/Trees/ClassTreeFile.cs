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

    /// <summary>Reads and validates a tree.</summary>
    public static Outcome<ClassTreeFile> Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var tree = JsonSerializer.Deserialize(stream, ClassTreeJson.Default.ClassTreeFile);
            var flaw = tree is null ? "it is empty" : tree.Flaw();
            return flaw is null ? new Outcome<ClassTreeFile>.Ok(tree!) : Fail(flaw);
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
        var within = new HashSet<string>();
        var rest = new Stack<string>([id]);
        while (rest.TryPop(out var node))
        {
            if (within.Add(node))
            {
                foreach (var child in children[node])
                {
                    rest.Push(child);
                }
            }
        }

        return Classes.Index()
            .Where(one => one.Item.Id == id || one.Item.Parents.Any(within.Contains))
            .Select(one => one.Index)
            .ToHashSet();
    }

    private string? Flaw()
    {
        var groups = Groups.ToDictionary(group => group.Id);
        var all = Classes.Concat(Groups).ToList();
        return all.GroupBy(node => node.Id).FirstOrDefault(same => same.Count() > 1) is { } twice
                ? $"{twice.Key} is there twice"
            : all.FirstOrDefault(IsNameless) is { } bare
                ? $"'{bare.Id}' has no id or no name"
            : all.SelectMany(node => node.Parents).FirstOrDefault(parent => !groups.ContainsKey(parent)) is { } lost
                ? $"the parent {lost} is no group"
            : Groups.FirstOrDefault(group => IsAbove(group, group.Id, Groups.Count)) is { } circle
                ? $"{circle.Id} is its own ancestor"
            : null;

        static bool IsNameless(TreeNode node) =>
            string.IsNullOrWhiteSpace(node.Id) || string.IsNullOrWhiteSpace(node.Name);

        bool IsAbove(TreeNode node, string id, int depth) =>
            depth > 0 && node.Parents.Any(parent => parent == id || IsAbove(groups[parent], id, depth - 1));
    }
}

/// <summary>A node of a class tree.</summary>
/// <param name="Id">WordNet's id: <c>n</c> and eight digits.</param>
/// <param name="Name">The name that people use; different for every node.</param>
/// <param name="Synonyms">WordNet's further names, to search by.</param>
/// <param name="Parents">The ids of the groups above, the main one first; empty at the top.</param>
/// <param name="Landmark">Whether paths to nodes below show this group.</param>
public sealed record TreeNode(
    string Id, string Name, IReadOnlyList<string> Synonyms, IReadOnlyList<string> Parents, bool Landmark = false);

/// <summary>The JSON of class trees.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ClassTreeFile))]
internal sealed partial class ClassTreeJson : JsonSerializerContext;
