using Bench.Output;
using Load.Running;

namespace Compare.Experiments;

/// <summary>The result of an experiment.</summary>
/// <param name="Goals">The goals in the table.</param>
/// <param name="Section">The figures behind them; null if there are no further ones.</param>
/// <param name="Draw">Draws the section's chart to a file; null if it has none.</param>
internal sealed record Result(IReadOnlyList<Goal> Goals, Section? Section, Action<string>? Draw = null)
{
    /// <summary>Formats numbers for tables.</summary>
    public static string Text(double value, string format = "F1") =>
        value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Returns the median of the windows' rates without the generator's own cost.</summary>
    public static double Rate(IEnumerable<Window> windows) => Goal.Median(windows.Select(window => window.RateAlone));
}
