namespace Reliability.Scenarios;

/// <summary>The options of a scenario.</summary>
/// <param name="Duration">The duration of the load.</param>
/// <param name="Clients">The number of concurrent clients, each without a pause; at least 1.</param>
/// <param name="Seed">The seed of the faults and of their targets; the timing of a real machine still varies.</param>
/// <param name="Period">The time from one worker's failure to the next one's.</param>
public sealed record ScenarioOptions(TimeSpan Duration, int Clients, int Seed, TimeSpan Period)
{
    /// <summary>60 s, 16 clients, seed 1, a failure every 10 s.</summary>
    public static ScenarioOptions Standard { get; } = new(TimeSpan.FromSeconds(60), 16, 1, TimeSpan.FromSeconds(10));
}
