namespace Load.Options;

/// <summary>What the command line asks for.</summary>
/// <param name="Options">What is measured, and how.</param>
/// <param name="Levels">One after the other; at least one.</param>
/// <param name="Images">A folder or a file.</param>
/// <param name="Csv">Where every window goes; null: nowhere.</param>
/// <param name="Svg">Where the chart goes; null: nowhere.</param>
/// <param name="Markdown">The table is for a page.</param>
public sealed record Order(
    LoadOptions Options, IReadOnlyList<Level> Levels, string Images, string? Csv, string? Svg, bool Markdown);
