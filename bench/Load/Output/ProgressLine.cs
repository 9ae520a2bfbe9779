using Load.Options;
using Load.Running;
using Spectre.Console;

namespace Load.Output;

/// <summary>Shows the current state in one line of the terminal; does nothing if there is no terminal.</summary>
internal static class ProgressLine
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);

    /// <summary>Shows <paramref name="run"/> while <paramref name="measure"/> runs and reports its window.</summary>
    public static async Task<T> ShowAsync<T>(
        IAnsiConsole console, Level level, LoadRun run, Func<Action<int>, Task<T>> measure)
    {
        var window = 1;
        var measuring = measure(number => window = number);
        if (!console.Profile.Capabilities.Interactive)
        {
            return await measuring;
        }

        await console.Status().StartAsync(level.Name, async status =>
        {
            while (await Task.WhenAny(measuring, Task.Delay(Often)) != measuring)
            {
                var now = run.Now;
                status.Status(
                    Markup.Escape(
                        $"{level.Name}, window {window}: {now.Rate:F1} answers/s, p50 {now.Median:F1} ms, p99 "
                            + $"{now.Late:F1} ms, {now.Failed} errors"));
            }
        });
        return await measuring;
    }
}
