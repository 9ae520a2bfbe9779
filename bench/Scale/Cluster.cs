using Scale.Simulation;

namespace Scale;

/// <summary>A simulated cluster and its chart.</summary>
/// <param name="Chart">The chart's file.</param>
/// <param name="Title">The chart's title.</param>
/// <param name="Webs">The number of web nodes.</param>
/// <param name="Slow">See <see cref="Plan"/>.</param>
/// <param name="Out">See <see cref="Plan"/>.</param>
public sealed record Cluster(string Chart, string Title, int Webs, double Slow, double Out)
{
    private const int Few = 10;
    private const int Many = 100;

    /// <summary>All clusters of <c>docs/scaling.md</c>.</summary>
    public static IReadOnlyList<Cluster> All { get; } =
    [
        new("scaling-equal.svg", "equal workers, 10 web nodes", Few, 0, 0),
        new("scaling-slow.svg", "a fifth of the workers half as fast, 10 web nodes", Few, .2, 0),
        new("scaling-slow-many.svg", "a fifth of the workers half as fast, 100 web nodes", Many, .2, 0),
        new("scaling-out.svg", "a tenth of the workers out for a third of the time, 10 web nodes", Few, 0, .1),
    ];
}
