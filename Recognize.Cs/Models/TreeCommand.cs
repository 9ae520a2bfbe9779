using System.CommandLine;
using Worker.Models;

namespace Recognize.Models;

/// <summary>The command that makes a class tree.</summary>
internal static class TreeCommand
{
    /// <summary>Creates <c>models tree</c>.</summary>
    public static Command Create()
    {
        var ids = new Argument<string>("IDS")
        {
            Description = "A file with the classes' WordNet ids, such as n02084071, one a line, "
                + "in the order of the network's output",
        };
        var names = new Option<string>("--names")
        {
            Description = "The table of names [default: imagenet/names.tsv in the catalog]",
            HelpName = "FILE",
            DefaultValueFactory = _ => Path.Combine(ModelCatalog.DefaultDirectory(), "imagenet", "names.tsv"),
        };
        var wordNet = new Option<string>("--wordnet")
        {
            Description = "The folder of WordNet 3.0's data.noun",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "/usr/share/wordnet",
        };
        var command = new Command("tree", "Writes a class tree from WordNet and a table of names to standard output")
        {
            ids, names, wordNet,
        };
        command.SetAction(parsed =>
        {
            try
            {
                string[] classes = [.. File.ReadLines(parsed.GetValue(ids)!).Where(line => line.Length > 0)];
                if (WordNet.Read(parsed.GetValue(wordNet)!).Try(out var nouns, out var reason)
                    && ClassTreeBuilder.Names(parsed.GetValue(names)!).Try(out var table, out reason)
                    && ClassTreeBuilder.Build(nouns, classes, table).Try(out var tree, out reason))
                {
                    Console.Write(tree.Write());
                    return ExitCode.Success;
                }

                return ModelsCommand.Fail(reason);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return ModelsCommand.Fail(e.Message.TrimEnd('.'));
            }
        });
        return command;
    }
}
