using Compare.Output;
using Load.Running;

namespace Compare.Experiments;

/// <summary>The result of an experiment.</summary>
/// <param name="Goals">The figures with a goal.</param>
/// <param name="Section">The figures behind them; null if there are no further ones.</param>
internal sealed record Result(IReadOnlyList<Goal> Goals, Section? Section)
{
    /// <summary>Formats numbers for tables.</summary>
    public static string Text(double value, string format = "F1") =>
        value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Returns the median of the windows' rates without the generator's own cost.</summary>
    public static double Rate(IEnumerable<Window> windows) => Goal.Median(windows.Select(window => window.RateAlone));
}
