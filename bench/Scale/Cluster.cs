using Scale.Simulation;

namespace Scale;

/// <summary>A cluster that is simulated, and its chart.</summary>
/// <param name="Chart">Its chart's file.</param>
/// <param name="Title">Of the chart.</param>
/// <param name="Webs">Web nodes.</param>
/// <param name="Slow">As in <see cref="Plan"/>.</param>
/// <param name="Out">As in <see cref="Plan"/>.</param>
public sealed record Cluster(string Chart, string Title, int Webs, double Slow, double Out)
{
    private const int Few = 10;
    private const int Many = 100;

    /// <summary>Every one that <c>docs/scaling.md</c> shows.</summary>
    public static IReadOnlyList<Cluster> All { get; } =
    [
        new("scaling-equal.svg", "equal workers, 10 web nodes", Few, 0, 0),
        new("scaling-slow.svg", "a fifth of the workers half as fast, 10 web nodes", Few, .2, 0),
        new("scaling-slow-many.svg", "a fifth of the workers half as fast, 100 web nodes", Many, .2, 0),
        new("scaling-out.svg", "a tenth of the workers out for a third of the time, 10 web nodes", Few, 0, .1),
    ];
}
