using System.Globalization;
using Load.Running;
using Spectre.Console;

namespace Load.Output;

/// <summary>The figures as a table, one row per level.</summary>
public static class FigureTable
{
    private static readonly string[] Columns =
        ["load", "answers/s", "p50 ms", "p90 ms", "p95 ms", "p99 ms", "errors", "own CPU", "own delay ms", "windows"];

    /// <summary>Returns the table, for a terminal or a page.</summary>
    public static Table Of(IEnumerable<LevelFigures> levels, bool markdown)
    {
        var table = new Table { Border = markdown ? TableBorder.Markdown : TableBorder.Rounded };
        table.AddColumns(
        [
            .. Columns.Select((name, at) => new TableColumn(name)
            {
                Alignment = at == 0 ? Justify.Left : Justify.Right,
                NoWrap = at != 6,
            }),
        ]);
        foreach (var level in levels)
        {
            table.AddRow([.. Cells(level).Select(Markup.Escape)]);
        }

        return table;
    }

    /// <summary>Returns the errors by kind, the most frequent first.</summary>
    public static string Errors(Window window) => window.Failed == 0
        ? "0"
        : string.Join(
            "; ",
            window.Errors.OrderByDescending(error => error.Value).Select(error => $"{error.Value} × {error.Key}"));

    private static IEnumerable<string> Cells(LevelFigures level)
    {
        var window = level.Total;
        return
        [
            level.Level.Name,
            Number(window.Rate, "F1"),
            .. new[] { 50.0, 90, 95, 99 }.Select(percent => Number(window.Milliseconds(percent), "F1")),
            Errors(window),
            Number(window.Cost.OwnShare * 100, "F0") + " %",
            Number(window.Cost.Delay.TotalMilliseconds, "F1"),
            level.Agree ? $"{level.Windows.Count}" : $"{level.Windows.Count}, unsteady",
        ];
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
