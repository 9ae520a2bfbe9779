namespace Reliability.Scenarios;

/// <summary>How a scenario is run.</summary>
/// <param name="Duration">Of the load.</param>
/// <param name="Clients">That ask at once, each without a pause; at least 1.</param>
/// <param name="Seed">Of the faults and of who is hit; the moments of a real machine remain its own.</param>
/// <param name="Period">From one worker's failure to the next one's.</param>
public sealed record ScenarioOptions(TimeSpan Duration, int Clients, int Seed, TimeSpan Period)
{
    /// <summary>60 s, 16 clients, seed 1, a failure every 10 s.</summary>
    public static ScenarioOptions Standard { get; } = new(TimeSpan.FromSeconds(60), 16, 1, TimeSpan.FromSeconds(10));
}
