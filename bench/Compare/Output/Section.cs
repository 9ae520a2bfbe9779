using System.Text;

namespace Compare.Output;

/// <summary>A table, with a sentence on how it was measured.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Text">The conditions; may be empty.</param>
/// <param name="Head">The column heads.</param>
/// <param name="Rows">The rows, with as many cells as the head.</param>
public sealed record Section(string Title, string Text, string[] Head, IReadOnlyList<string[]> Rows)
{
    /// <summary>Returns it as Markdown, aligned so that it is readable on a terminal.</summary>
    public override string ToString()
    {
        var widths = Head.Select((head, at) => Rows.Select(row => row[at].Length).Append(head.Length).Max()).ToArray();
        var text = new StringBuilder();
        text.Append("### ").Append(Title).Append("\n\n");
        if (Text.Length > 0)
        {
            text.Append(Text).Append("\n\n");
        }

        Append(text, Head, widths);
        Append(
            text,
            [.. widths.Select((width, at) => at == 0 ? new string('-', width) : AlignedRight(width))],
            widths);
        foreach (var row in Rows)
        {
            Append(text, row, widths);
        }

        return text.ToString();
    }

    private static string AlignedRight(int width) => new string('-', Math.Max(width, 2) - 1) + ":";

    private static void Append(StringBuilder text, string[] cells, int[] widths)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            text.Append("| ").Append(i == 0 ? cells[i].PadRight(widths[i]) : cells[i].PadLeft(widths[i])).Append(' ');
        }

        text.Append("|\n");
    }
}
