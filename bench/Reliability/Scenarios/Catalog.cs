namespace Reliability.Scenarios;

/// <summary>Every scenario, in the order in which <c>all</c> runs them.</summary>
public static class Catalog
{
    /// <summary>Each under a name of its own.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new KillScenario(),
        new HangScenario(),
        .. NoiseScenario.All,
        new DrainScenario(),
        new DrainWebScenario(),
        new ApartScenario(),
        new SharedScenario(TimeSpan.FromSeconds(1)),
        new SoakScenario(Growth.None),
    ];
}
