namespace Wire;

/// <summary>The amount of work of a scenario.</summary>
/// <param name="Pairs">The number of requests by each exchange, timed one at a time.</param>
/// <param name="Duration">The duration of a load.</param>
/// <param name="Messages">The number of damaged messages, by each exchange.</param>
/// <param name="Seed">The seed of the damage.</param>
public sealed record Work(int Pairs, TimeSpan Duration, int Messages, int Seed)
{
    /// <summary>The amount for the figures in <c>docs/benchmarks.md</c>.</summary>
    public static Work Full { get; } = new(200, TimeSpan.FromSeconds(60), 100_000, 1);
}
