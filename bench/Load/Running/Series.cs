using Load.Options;

namespace Load.Running;

/// <summary>Repeats windows until the required number in a row agrees, or the maximum is reached.</summary>
public static class Series
{
    private const double Tolerance = .1;

    /// <summary>
    /// Measures <paramref name="run"/>, which has the load of <paramref name="level"/>. If cancelled, returns the
    /// windows so far, or null if there are none. <paramref name="begins"/> receives each window's number.
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
            // The windows so far may be useful.
        }

        return windows.Count == 0
            ? null
            : new LevelFigures(
                level, windows, Math.Min(options.Agreeing, windows.Count), Agree(level, windows, options.Agreeing));
    }

    /// <summary>
    /// Returns whether the last windows agree: the rate of the answers (under an open load, whose rate is random, their
    /// share) and the median latency.
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
