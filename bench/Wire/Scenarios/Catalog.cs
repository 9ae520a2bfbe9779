namespace Wire.Scenarios;

/// <summary>Every scenario, in the order in which <c>all</c> runs them.</summary>
public static class Catalog
{
    /// <summary>Each under a name of its own.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new RoundTripScenario(),
        new BytesScenario(),
        new ThroughputScenario(),
        new FlipsScenario(),
        new MixedScenario(),
        new OldClientScenario(),
    ];
}
