using System.Globalization;
using Bench.Output;

namespace Micro.Goals;

/// <summary>What a part of the run came to.</summary>
/// <param name="Goals">Of the table.</param>
/// <param name="Figures">The figures behind them, and those without a goal.</param>
internal sealed record Part(IReadOnlyList<Goal> Goals, Section Figures)
{
    /// <summary>A number as it stands in tables.</summary>
    public static string Text(double value, string format = "F2") => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>The median of one action's times, in milliseconds.</summary>
    public static string Milliseconds(double[][] rounds, int action) => Text(Goal.Median(rounds.Select(round => round[action])) * 1000);
}
