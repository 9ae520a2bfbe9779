using System.Diagnostics;

namespace Micro.Goals;

/// <summary>Measures actions in turn, so that other activity of the machine affects all of them.</summary>
internal static class Interleaved
{
    /// <summary>
    /// Returns the seconds per call of each of <paramref name="actions"/> in every round: <c>[round][action]</c>. Each
    /// is called as often as fits into a turn, at least once.
    /// </summary>
    public static double[][] Measure(MeasurementPlan pace, params ReadOnlySpan<Action> actions) => Measure(pace, TimeSpan.Zero, actions);

    /// <summary>
    /// Does the same, with a pause before every turn: spinning threads continue for a while after their work.
    /// </summary>
    public static double[][] Measure(MeasurementPlan pace, TimeSpan rest, params ReadOnlySpan<Action> actions)
    {
        var calls = new int[actions.Length];
        for (var at = 0; at < actions.Length; at++)
        {
            Thread.Sleep(rest);
            Run(actions[at], pace.Before);
            calls[at] = Run(actions[at], pace.Slice);
        }

        var rounds = new double[pace.Rounds][];
        for (var round = 0; round < rounds.Length; round++)
        {
            rounds[round] = new double[actions.Length];
            for (var at = 0; at < actions.Length; at++)
            {
                Thread.Sleep(rest);
                var begun = Stopwatch.GetTimestamp();
                for (var call = 0; call < calls[at]; call++)
                {
                    actions[at]();
                }

                rounds[round][at] = Stopwatch.GetElapsedTime(begun).TotalSeconds / calls[at];
            }
        }

        return rounds;
    }

    /// <summary>Calls the action during the span, at least once; returns the number of calls.</summary>
    private static int Run(Action action, TimeSpan span)
    {
        var calls = 0;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < span || calls == 0; calls++)
        {
            action();
        }

        return calls;
    }
}
