using System.Globalization;

namespace Bench.Output;

/// <summary>What a figure has to reach.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Measured">The median over the rounds.</param>
/// <param name="Least">Of the rounds.</param>
/// <param name="Most">Of the rounds.</param>
/// <param name="Limit">To be reached, or not to be passed.</param>
/// <param name="AtLeast">Which of the two.</param>
/// <param name="Unit">Behind the number; empty for a ratio.</param>
public sealed record Goal(
    string Name, double Measured, double Least, double Most, double Limit, bool AtLeast, string Unit = "")
{
    /// <summary>The table's head for <see cref="Cells"/>.</summary>
    public static string[] Head { get; } = ["goal", "asked", "measured", "rounds from … to", ""];

    /// <summary>Whether it is reached.</summary>
    public bool IsMet => AtLeast ? Measured >= Limit : Measured <= Limit;

    /// <summary>One row.</summary>
    public string[] Cells =>
        [Name, (AtLeast ? "≥ " : "≤ ") + Text(Limit), Text(Measured), $"{Text(Least)} … {Text(Most)}", IsMet ? "met" : "**missed**"];

    /// <summary>From what the rounds came to.</summary>
    public static Goal Of(string name, IEnumerable<double> rounds, double limit, bool atLeast, string unit = "")
    {
        var all = rounds.Order().ToList();
        return new Goal(name, Median(all), all[0], all[^1], limit, atLeast, unit);
    }

    /// <summary>The one in the middle, or the mean of the two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var all = values.Order().ToList();
        return (all[all.Count / 2] + all[(all.Count - 1) / 2]) / 2;
    }

    private string Text(double value) =>
        value.ToString(Unit == "MB" ? "F0" : "F2", CultureInfo.InvariantCulture) + (Unit.Length > 0 ? " " + Unit : "");
}
