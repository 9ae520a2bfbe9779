using System.IO.Enumeration;
using Microsoft.Extensions.FileSystemGlobbing;
using Microsoft.Extensions.FileSystemGlobbing.Abstractions;

namespace Recognize.Pictures;

/// <summary>From what the user named to single pictures, in the order given, and by name where a name stands for many.</summary>
internal static class PictureFinder
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".gif"];

    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    /// <summary>Every argument gives at least one; what there is not is a source with a flaw.</summary>
    public static List<PictureSource> Find(IEnumerable<string> arguments) => [.. arguments.SelectMany(Expand)];

    private static IEnumerable<PictureSource> Expand(string argument) => argument switch
    {
        PictureSource.StandardInput => [new PictureSource(argument)],
        _ when Directory.Exists(argument) => Try(argument, InFolder, "no picture is in this folder: it would end in "
            + string.Join(", ", Extensions[..^1]) + " or " + Extensions[^1]),
        // A file may have a * in its name.
        _ when argument.Contains('*') && !File.Exists(argument) => Try(argument, Fitting, "no file fits this pattern"),
        _ => [new PictureSource(argument)],
    };

    private static IEnumerable<PictureSource> Try(
        string argument, Func<string, IEnumerable<string>> find, string nothing)
    {
        try
        {
            var found = find(argument).Order(StringComparer.Ordinal).ToList();
            return found.Count > 0
                ? found.Select(name => new PictureSource(name))
                : [new PictureSource(argument, nothing)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [new PictureSource(argument, $"can't be looked through: {e.Message}")];
        }
    }

    /// <summary>Hidden ones are left alone, and links to folders too, which may lead in circles.</summary>
    private static FileSystemEnumerable<string> InFolder(string folder) => new(
        folder,
        (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(),
        new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) =>
            !entry.IsDirectory && IsPicture(Path.GetExtension(entry.FileName)),
        ShouldRecursePredicate = (ref FileSystemEntry entry) =>
            !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    private static bool IsPicture(ReadOnlySpan<char> extension)
    {
        foreach (var known in Extensions)
        {
            if (extension.Equals(known, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> Fitting(string pattern)
    {
        var cut = pattern.LastIndexOfAny(Separators, pattern.IndexOf('*')) + 1;
        var folder = new DirectoryInfo(cut > 0 ? pattern[..cut] : ".");
        return folder.Exists
            ? new Matcher()
                .AddInclude(pattern[cut..])
                .Execute(new DirectoryInfoWrapper(folder))
                .Files.Select(file => Path.Join(pattern[..cut], file.Path))
            : [];
    }
}
