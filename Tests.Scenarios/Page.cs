namespace Bench;

/// <summary>The part of a page that a measuring program writes, between two marks.</summary>
public static class Page
{
    /// <summary>
    /// Replaces the text between the marks <c>name:begin</c> and <c>name:end</c> of <paramref name="page"/>; appends
    /// the marks if they are missing.
    /// </summary>
    public static string With(string page, string name, string part)
    {
        var (begin, end) = ($"<!-- {name}:begin -->", $"<!-- {name}:end -->");
        var (from, to) = (page.IndexOf(begin, StringComparison.Ordinal), page.IndexOf(end, StringComparison.Ordinal));
        var (before, after) = from >= 0 && to > from
            ? (page[..from], page[(to + end.Length)..])
            : (page.TrimEnd() + "\n\n", "\n");
        return $"{before}{begin}\n\n{part.Trim()}\n\n{end}{after}";
    }

    /// <summary>Does the same in a file; creates the file if it doesn't exist.</summary>
    public static void Write(FileInfo file, string name, string part) =>
        File.WriteAllText(file.FullName, With(File.Exists(file.FullName) ? File.ReadAllText(file.FullName) : "", name, part));

    /// <summary>A row of a Markdown table; characters that would end a cell are escaped.</summary>
    public static string Row(params IEnumerable<string> cells) =>
        $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ")))} |";
}
