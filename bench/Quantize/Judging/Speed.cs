using Bench.Output;
using Micro.Goals;

namespace Quantize.Judging;

/// <summary>Compares the speed of two network files, in turn, without preprocessing.</summary>
internal static class Speed
{
    // With a smaller gain, the smaller weights alone do not justify a network with different answers.
    private const double Least = 1.3;
    private const int PicturesPerLane = 8;

    /// <summary>
    /// Measures on one core alone, and on all at once like a worker's lanes; returns the goals, and the milliseconds
    /// per picture behind each.
    /// </summary>
    public static (Goal Goal, double Before, double After)[] Of(string before, string after, MeasurementPlan pace)
    {
        int[] lanes = Environment.ProcessorCount > 1 ? [1, Environment.ProcessorCount] : [1];
        return [.. lanes.Select(count => Of(before, after, count, pace))];
    }

    private static (Goal Goal, double Before, double After) Of(string before, string after, int lanes, MeasurementPlan pace)
    {
        using var one = new Runner("float", before, 1, lanes, 1, Spins: false);
        using var other = new Runner("8 bits", after, 1, lanes, 1, Spins: false);
        var pictures = PicturesPerLane * lanes;
        var rounds = Interleaved.Measure(pace, () => one.Run(pictures), () => other.Run(pictures));
        var name = $"pictures a second in 8 bits over those in float, {(lanes == 1 ? "1 thread alone" : $"{lanes} side by side, 1 thread each")}";
        return (
            Goal.Of(name, rounds.Select(round => round[0] / round[1]), Least, atLeast: true),
            Milliseconds(0),
            Milliseconds(1));

        double Milliseconds(int at) => Goal.Median(rounds.Select(round => round[at])) * 1000 / pictures;
    }
}
