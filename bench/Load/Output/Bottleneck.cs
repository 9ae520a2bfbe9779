using Load.Running;

namespace Load.Output;

/// <summary>Detects whether the generator itself limits the figures.</summary>
public static class Bottleneck
{
    private const double FullShare = .8;
    private const double FullMachine = .95;

    /// <summary>
    /// Returns the caveats of a level's figures, one sentence each; empty if the figures are the target's own.
    /// </summary>
    /// <param name="figures">The figures of one level.</param>
    /// <param name="isLocal">Whether the target runs on this machine.</param>
    public static IEnumerable<string> Warnings(LevelFigures figures, bool isLocal)
    {
        var (window, cost, name) = (figures.Total, figures.Total.Cost, figures.Level.Name);
        if (cost.OwnShare >= FullShare)
        {
            yield return $"{name}: the generator itself is the bottleneck, it used {cost.Own:F1} of its "
                + $"{cost.Available} cores. Give it more, or measure with several.";
        }
        else if (isLocal && cost.Busy >= FullMachine * cost.Available && cost.OwnShare >= .02)
        {
            yield return $"{name}: the cores are full, and the generator took {cost.OwnShare:P0} of them; without it "
                + $"they would give about {window.RateAlone:F1} answers a second.";
        }

        var own = cost.Delay.TotalMilliseconds;
        if (own >= 1 && own >= .25 * window.Milliseconds(50))
        {
            yield return $"{name}: up to {own:F1} ms of a latency are the generator's own, because its threads had to "
                + "wait for a core.";
        }

        if (!figures.Agree)
        {
            yield return $"{name}: no {figures.Kept} windows in a row agree within 10 %: something else changes.";
        }
    }
}
