using Scale.Simulation;

namespace Scale;

/// <summary>A cluster that is simulated, and its chart.</summary>
/// <param name="Name">Of the chart's file, behind <c>scaling-</c>.</param>
/// <param name="Title">Of the chart.</param>
/// <param name="Webs">Web nodes.</param>
/// <param name="Slow">As in <see cref="Plan"/>.</param>
/// <param name="Out">As in <see cref="Plan"/>.</param>
public sealed record Cluster(string Name, string Title, int Webs, double Slow, double Out)
{
    private const int Few = 10;
    private const int Many = 100;

    /// <summary>Every one that <c>docs/scaling.md</c> shows.</summary>
    public static IReadOnlyList<Cluster> All { get; } =
    [
        new("equal", "equal workers, 10 web nodes", Few, 0, 0),
        new("slow", "a fifth of the workers half as fast, 10 web nodes", Few, .2, 0),
        new("slow-many", "a fifth of the workers half as fast, 100 web nodes", Many, .2, 0),
        new("out", "a tenth of the workers out for a third of the time, 10 web nodes", Few, 0, .1),
    ];
}
