using System.IO.Enumeration;
using FileFormats;
using Microsoft.Extensions.FileSystemGlobbing;
using Microsoft.Extensions.FileSystemGlobbing.Abstractions;

namespace Recognize.Pictures;

/// <summary>Expands arguments to pictures, in the order given; pictures of one argument are sorted by name.</summary>
internal sealed class PictureFinder
{
    private const int HeadLength = 4096;

    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".png", ".apng", ".webp", ".gif", ".avif", ".tif", ".tiff",
        ".bmp", ".dib",
    };

    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    private int skipped;

    private PictureFinder()
    {
    }

    /// <summary>
    /// Returns at least one source for every argument; a missing one has an error. <paramref name="skipped"/> counts
    /// the files in folders that are not pictures, and the special files that match a pattern.
    /// </summary>
    public static List<PictureSource> Find(IEnumerable<string> arguments, out int skipped)
    {
        var finder = new PictureFinder();
        List<PictureSource> found = [.. arguments.SelectMany(finder.Expand)];
        skipped = finder.skipped;
        return found;
    }

    private IEnumerable<PictureSource> Expand(string argument) => argument switch
    {
        PictureSource.StandardInput => [new PictureSource(argument)],
        _ when Directory.Exists(argument) => Try(argument, InFolder, IsPicture, "no picture is in this folder"),
        // A file may have a * in its name.
        _ when argument.Contains('*') && !File.Exists(argument) =>
            Try(argument, Matching, path => !SpecialFile.Is(path), "no file matches this pattern"),
        _ => [new PictureSource(argument)],
    };

    private IEnumerable<PictureSource> Try(
        string argument, Func<string, IEnumerable<string>> find, Func<string, bool> isWanted, string nothing)
    {
        try
        {
            var all = find(argument).ToList();
            var found = all.Where(isWanted).Order(StringComparer.Ordinal).ToList();
            skipped += all.Count - found.Count;
            return found.Count > 0
                ? found.Select(name => new PictureSource(name))
                : [new PictureSource(argument, nothing)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [new PictureSource(argument, $"can't be searched: {e.Message}")];
        }
    }

    /// <summary>Skips hidden files, and links to folders, which may form a cycle.</summary>
    private static FileSystemEnumerable<string> InFolder(string folder) => new(
        folder,
        (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(),
        new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
        ShouldRecursePredicate = (ref FileSystemEntry entry) =>
            !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    /// <summary>Detects a picture by its extension, or by its content if it has none.</summary>
    private static bool IsPicture(string path)
    {
        var extension = Path.GetExtension(path);
        return (extension.Length == 0 || Extensions.Contains(extension))
            && !SpecialFile.Is(path)
            && (extension.Length > 0 || BeginsLikePicture(path));
    }

    private static bool BeginsLikePicture(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var head = new byte[HeadLength];
            var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            return FormatDetector.Identify(head.AsSpan(0, length)) is { IsSupported: true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Matching(string pattern)
    {
        var cut = pattern.LastIndexOfAny(Separators, pattern.IndexOf('*')) + 1;
        var folder = new DirectoryInfo(cut > 0 ? pattern[..cut] : ".");
        var hidden = HiddenNames(pattern[cut..]);
        return folder.Exists
            ? new Matcher()
                .AddInclude(pattern[cut..])
                .Execute(new DirectoryInfoWrapper(folder))
                .Files.Where(file => HiddenNames(file.Path) <= hidden)
                .Select(file => Path.Join(pattern[..cut], file.Path))
            : [];
    }

    /// <summary>Counts the hidden names in a path. As in a shell, a star does not match a leading dot.</summary>
    private static int HiddenNames(string path) =>
        path.Split(Separators).Count(name => name.StartsWith('.') && name is not ("." or ".."));
}
