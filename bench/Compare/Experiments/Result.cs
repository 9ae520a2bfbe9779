using Bench.Output;
using Load.Running;

namespace Compare.Experiments;

/// <summary>What an experiment came to.</summary>
/// <param name="Goals">Of the table.</param>
/// <param name="Section">The figures behind them; null: there are no further ones.</param>
/// <param name="Draw">Draws the section's chart to a file; null where it has none.</param>
internal sealed record Result(IReadOnlyList<Goal> Goals, Section? Section, Action<string>? Draw = null)
{
    /// <summary>Numbers as they stand in tables.</summary>
    public static string Text(double value, string format = "F1") =>
        value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The median of the windows' rates without the generator's own cost.</summary>
    public static double Rate(IEnumerable<Window> windows) => Goal.Median(windows.Select(window => window.RateAlone));
}
