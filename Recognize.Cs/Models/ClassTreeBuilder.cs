using Worker;
using Worker.Models;

namespace Recognize.Models;

/// <summary>Makes a class tree of the catalog from WordNet and a table of names.</summary>
internal static class ClassTreeBuilder
{
    /// <summary>The mark of a group whose name says nothing.</summary>
    private const string Nameless = "-";

    private const string Source =
        "WordNet 3.0, Copyright 2006 by Princeton University; see LICENCE.txt. "
            + "Made by ./recognize models tree from names.tsv";

    /// <summary>
    /// Builds the tree of the classes with these ids. A group is in it if <paramref name="names"/> has a name for it.
    /// Fails unless the table has every group that can be an answer: one that has more classes than any group within
    /// it.
    /// </summary>
    public static Outcome<ClassTreeFile> Build(
        IReadOnlyDictionary<string, Synset> nouns,
        IReadOnlyList<string> classes,
        IReadOnlyDictionary<string, string> names)
    {
        if (classes.Concat(names.Keys).FirstOrDefault(id => !nouns.ContainsKey(id)) is { } unknown)
        {
            return Fail($"WordNet has no noun {unknown}");
        }

        var below = new Dictionary<string, HashSet<string>>();
        foreach (var id in classes)
        {
            foreach (var group in Above(id, nouns))
            {
                (below.TryGetValue(group, out var ids) ? ids : below[group] = []).Add(id);
            }
        }

        var inner = below.Keys.Where(id => !classes.Contains(id)).ToList();
        var children = inner
            .SelectMany(id => nouns[id].Parents.Select(parent => (parent, id)))
            .ToLookup(pair => pair.parent, pair => pair.id);
        string[] missing = [.. inner
            .Where(id => below[id].Count > 1 && !names.ContainsKey(id))
            .Where(id => !children[id].Any(child => below[child].Count == below[id].Count))
            .Order(StringComparer.Ordinal)];
        var named = inner.Where(id => names.TryGetValue(id, out var name) && name != Nameless).ToHashSet();
        var twice = classes.Concat(named)
            .GroupBy(Name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(same => same.Distinct().Count() > 1 && same.Any(names.ContainsKey));
        if (missing.Length > 0)
        {
            var list = string.Join(", ", missing.Select(id => $"{id} ({string.Join("; ", nouns[id].Words)})"));
            return Fail($"the table of names lacks {list}: give each a name, or {Nameless}");
        }

        if (names.Keys.FirstOrDefault(id => !below.ContainsKey(id)) is { } foreign)
        {
            return Fail($"{foreign} in the table of names is not a group of these classes");
        }

        if (twice is not null)
        {
            return Fail($"'{twice.Key}' is the name of {string.Join(" and ", twice)}: give each node another name");
        }

        var groups = named.OrderByDescending(id => below[id].Count).ThenBy(id => id, StringComparer.Ordinal);
        return new Outcome<ClassTreeFile>.Ok(
            new ClassTreeFile(Source, [.. classes.Select(Node)], [.. groups.Select(Node)]));

        string Name(string id) => names.GetValueOrDefault(id, nouns[id].Words[0]).TrimStart('*');

        TreeNode Node(string id) => new(
            id,
            Name(id),
            [.. nouns[id].Words.Where(word => word != Name(id))],
            [.. Parents(id).Distinct()],
            names.GetValueOrDefault(id, "").StartsWith('*'));

        // A group without a name is replaced by the groups above it.
        IEnumerable<string> Parents(string id) =>
            nouns[id].Parents.SelectMany(parent => named.Contains(parent) ? [parent] : Parents(parent));
    }

    /// <summary>Reads a table of names: each line has an id, a name and WordNet's name, separated by tabs.</summary>
    public static Outcome<IReadOnlyDictionary<string, string>> Names(string path)
    {
        var names = new Dictionary<string, string>();
        var lines = File.ReadLines(path)
            .Select((line, at) => (line, at + 1))
            .Where(pair => pair.line.Length > 0 && pair.line[0] != '#');
        foreach (var (line, number) in lines)
        {
            if (line.Split('\t') is not [var id, var name, ..]
                || name.Trim('*', ' ').Length == 0
                || !names.TryAdd(id, name))
            {
                return new Outcome<IReadOnlyDictionary<string, string>>.Failed(
                    $"{path}, line {number} is not a new id, a tab and a name: '{line}'");
            }
        }

        return new Outcome<IReadOnlyDictionary<string, string>>.Ok(names);
    }

    /// <summary>Returns a noun and every noun above it.</summary>
    private static HashSet<string> Above(string id, IReadOnlyDictionary<string, Synset> nouns)
    {
        var found = new HashSet<string>();
        var rest = new Stack<string>([id]);
        while (rest.TryPop(out var noun))
        {
            if (found.Add(noun))
            {
                foreach (var parent in nouns[noun].Parents)
                {
                    rest.Push(parent);
                }
            }
        }

        return found;
    }

    private static Outcome<ClassTreeFile>.Failed Fail(string reason) => new(reason);
}
