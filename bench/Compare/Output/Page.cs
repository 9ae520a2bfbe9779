namespace Compare.Output;

/// <summary>The part of a page that this program writes, between two marks.</summary>
internal static class Page
{
    private const string Begin = "<!-- compare:begin -->";
    private const string End = "<!-- compare:end -->";

    /// <summary>
    /// Replaces what stands between the marks of <paramref name="page"/>; where it has none, they come at its end.
    /// </summary>
    public static string With(string page, string part)
    {
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        var (before, after) = from >= 0 && to > from
            ? (page[..from], page[(to + End.Length)..])
            : (page.TrimEnd() + "\n\n", "\n");
        return $"{before}{Begin}\n\n{part.Trim()}\n\n{End}{after}";
    }
}
