using Load.Options;
using Load.Running;

namespace Load.Output;

/// <summary>Writes one line per window (RFC 4180): milliseconds, cores, answers per second.</summary>
public static class CsvFile
{
    private const string Head =
        "level,kind,window,counts,seconds,due,answers,rate,p50,p90,p95,p99,max,errors,"
        + "own_cores,available_cores,busy_cores,own_delay_p99";

    /// <summary>Returns the file's text.</summary>
    public static string Text(IEnumerable<LevelFigures> levels) =>
        string.Concat(levels.SelectMany(Lines).Prepend(Head).Select(line => line + "\r\n"));

    private static IEnumerable<string> Lines(LevelFigures level) => level.Windows.Select((window, at) =>
    {
        var counts = at >= level.Windows.Count - level.Kept;
        string[] cells =
        [
            $"{level.Level.Value:R}", level.Level is Level.Rate ? "rate" : "clients",
            $"{at + 1}", counts ? "yes" : "no",
            $"{window.Elapsed.TotalSeconds:F3}", $"{window.Due}", $"{window.Answers}", $"{window.Rate:F3}",
            .. new[] { 50.0, 90, 95, 99, 100 }.Select(percent => $"{window.Milliseconds(percent):F3}"),
            $"\"{FigureTable.Errors(window).Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
            $"{window.Cost.Own:F3}", $"{window.Cost.Available}", $"{window.Cost.Busy:F3}",
            $"{window.Cost.Delay.TotalMilliseconds:F3}",
        ];
        return string.Join(',', cells);
    });
}
