namespace Wire.Scenarios;

/// <summary>All scenarios, in the order in which <c>all</c> runs them.</summary>
public static class Catalog
{
    /// <summary>The scenarios, each with a unique name.</summary>
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
