using Load.Options;

namespace Load.Running;

/// <summary>Repeats windows until as many in a row agree as are asked for, or there were enough.</summary>
public static class Series
{
    private const double Tolerance = .1;

    /// <summary>
    /// Measures <paramref name="run"/>, which has the load of <paramref name="level"/>. Cancelled, it gives what it
    /// has; null where it has nothing. <paramref name="begins"/> is told each window's number.
    /// </summary>
    public static async Task<LevelFigures?> MeasureAsync(
        LoadRun run, Level level, LoadOptions options, Action<int> begins, CancellationToken cancel)
    {
        var windows = new List<Window>();
        try
        {
            while (windows.Count < options.MaxWindows && !Agree(level, windows, options.Agreeing))
            {
                begins(windows.Count + 1);
                var before = windows.Count == 0 ? options.WarmUp : TimeSpan.Zero;
                windows.Add(await run.WindowAsync(before, options.Window, cancel));
            }
        }
        catch (OperationCanceledException)
        {
            // What there is may be worth reading.
        }

        return windows.Count == 0
            ? null
            : new LevelFigures(
                level, windows, Math.Min(options.Agreeing, windows.Count), Agree(level, windows, options.Agreeing));
    }

    /// <summary>
    /// Whether the last windows agree: the rate of the answers (under an open load, whose rate is chance, their share)
    /// and the median latency.
    /// </summary>
    internal static bool Agree(Level level, IReadOnlyList<Window> windows, int count)
    {
        if (windows.Count < count)
        {
            return false;
        }

        var last = windows.TakeLast(count).ToList();
        return Near(last.Select(window => level is Level.Rate ? window.Answers / (double)window.Due : window.Rate))
            && Near(last.Select(window => window.Milliseconds(50)));
    }

    private static bool Near(IEnumerable<double> values)
    {
        var all = values.ToList();
        return all.Max() - all.Min() <= Tolerance * all.Max();
    }
}
