using System.Globalization;
using Recognize.Classifiers;
using Recognize.Pictures;
using Spectre.Console;

namespace Recognize.Reports;

/// <summary>Shows the results, one picture at a time.</summary>
internal interface IReport
{
    /// <summary>Shows a classified picture.</summary>
    void Show(PictureSource source, ClassificationResult.Succeeded succeeded);

    /// <summary>Shows a picture that was not classified.</summary>
    void Show(PictureSource source, ClassificationResult.Refused refused);
}

/// <summary>Formats text for display.</summary>
internal static class DisplayText
{
    /// <summary>
    /// Replaces control characters, which could move the cursor or break a line: file names and server messages are
    /// untrusted.
    /// </summary>
    public static string Clean(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;

    /// <summary>
    /// Returns the beginning of a text, shortened to <paramref name="width"/> terminal columns but to at least one
    /// character. A Chinese character takes two columns, and none is cut.
    /// </summary>
    public static string Start(string text, int width)
    {
        var clean = Clean(text);
        return clean.GetCellWidth() <= width
            ? clean
            : clean[..Cuts(clean).Last(at => clean[..at].GetCellWidth() < width)] + "…";
    }

    /// <summary>Returns the end of a text, likewise; a path's end is more informative than its beginning.</summary>
    public static string End(string text, int width)
    {
        var clean = Clean(text);
        return clean.GetCellWidth() <= width
            ? clean
            : "…" + clean[Cuts(clean).First(at => clean[at..].GetCellWidth() < width)..];
    }

    /// <summary>Returns one line with the reason why a picture was not classified.</summary>
    public static string Line(PictureSource source, string reason) =>
        Clean($"{source.Title}: {reason.TrimEnd('.')}.");

    /// <summary>Returns where a text may be cut: before each user-perceived character, and at the end.</summary>
    private static IEnumerable<int> Cuts(string text) =>
        StringInfo.ParseCombiningCharacters(text).Append(text.Length);
}
