using System.Globalization;
using Recognize.Classification;
using Recognize.Pictures;
using Spectre.Console;

namespace Recognize.Reports;

/// <summary>Shows the results, one picture at a time.</summary>
internal interface IReport
{
    /// <summary>A picture that was named.</summary>
    void Show(PictureSource source, ClassificationResult.Succeeded named);

    /// <summary>One that was not.</summary>
    void Show(PictureSource source, ClassificationResult.Refused refused);
}

/// <summary>What people read.</summary>
internal static class DisplayText
{
    /// <summary>
    /// Without characters that would move a terminal's cursor or break a line: a file's name and a server's words are
    /// not ours.
    /// </summary>
    public static string Clean(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;

    /// <summary>
    /// As much of the beginning as <paramref name="width"/> columns of a terminal hold, at least one: a Chinese
    /// character takes two, and none is cut apart.
    /// </summary>
    public static string Start(string text, int width)
    {
        var clean = Clean(text);
        return clean.GetCellWidth() <= width
            ? clean
            : clean[..Cuts(clean).Last(at => clean[..at].GetCellWidth() < width)] + "…";
    }

    /// <summary>As much of the end: of a path it says more than the beginning.</summary>
    public static string End(string text, int width)
    {
        var clean = Clean(text);
        return clean.GetCellWidth() <= width
            ? clean
            : "…" + clean[Cuts(clean).First(at => clean[at..].GetCellWidth() < width)..];
    }

    /// <summary>Why a picture was not named, as one line.</summary>
    public static string Line(PictureSource source, string reason) =>
        Clean($"{source.Title}: {reason.TrimEnd('.')}.");

    /// <summary>Where a text may be cut: before each character that a reader sees, and at its end.</summary>
    private static IEnumerable<int> Cuts(string text) =>
        StringInfo.ParseCombiningCharacters(text).Append(text.Length);
}
