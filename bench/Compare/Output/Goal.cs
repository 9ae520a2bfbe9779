using System.Globalization;

namespace Compare.Output;

/// <summary>A figure and its goal.</summary>
/// <param name="Name">The figure's name.</param>
/// <param name="Measured">The median over the rounds.</param>
/// <param name="Least">The lowest value of the rounds.</param>
/// <param name="Most">The highest value of the rounds.</param>
/// <param name="Limit">The limit to reach, or not to exceed.</param>
/// <param name="AtLeast">Whether the limit is a minimum.</param>
/// <param name="Unit">The unit after the number; empty for a ratio.</param>
public sealed record Goal(
    string Name, double Measured, double Least, double Most, double Limit, bool AtLeast, string Unit = "")
{
    /// <summary>The table's head for <see cref="Cells"/>.</summary>
    public static string[] Head { get; } = ["goal", "asked", "measured", "rounds from … to", ""];

    /// <summary>Whether the goal is met.</summary>
    public bool IsMet => AtLeast ? Measured >= Limit : Measured <= Limit;

    /// <summary>One row.</summary>
    public string[] Cells =>
    [
        Name,
        (AtLeast ? "≥ " : "≤ ") + Text(Limit),
        Text(Measured),
        $"{Text(Least)} … {Text(Most)}",
        IsMet ? "met" : "**missed**",
    ];

    /// <summary>Creates a goal from the results of the rounds.</summary>
    public static Goal Of(string name, IEnumerable<double> rounds, double limit, bool atLeast, string unit = "")
    {
        var all = rounds.Order().ToList();
        return new Goal(name, Median(all), all[0], all[^1], limit, atLeast, unit);
    }

    /// <summary>Returns the median.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var all = values.Order().ToList();
        return (all[all.Count / 2] + all[(all.Count - 1) / 2]) / 2;
    }

    private string Text(double value) =>
        value.ToString(Unit == "MB" ? "F0" : "F2", CultureInfo.InvariantCulture) + (Unit.Length > 0 ? " " + Unit : "");
}
