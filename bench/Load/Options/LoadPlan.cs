namespace Load.Options;

/// <summary>The command line's request.</summary>
/// <param name="Options">What to measure, and how.</param>
/// <param name="Levels">The levels, measured one after the other; at least one.</param>
/// <param name="Images">The folder or file of the pictures.</param>
/// <param name="Csv">The file for every window; null for none.</param>
/// <param name="Svg">The file for the chart; null for none.</param>
/// <param name="Markdown">Whether the table is for a page.</param>
public sealed record LoadPlan(
    LoadOptions Options, IReadOnlyList<Level> Levels, string Images, string? Csv, string? Svg, bool Markdown);
