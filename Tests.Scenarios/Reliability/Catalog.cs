namespace Reliability.Scenarios;

/// <summary>All scenarios, in the order in which <c>all</c> runs them.</summary>
public static class Catalog
{
    /// <summary>The scenarios, each with a unique name.</summary>
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
