namespace Wire;

/// <summary>How much a scenario does.</summary>
/// <param name="Pairs">Requests by each exchange where one is timed at a time.</param>
/// <param name="Duration">Of a load.</param>
/// <param name="Messages">That are damaged, by each exchange.</param>
/// <param name="Seed">Of the damages.</param>
public sealed record Work(int Pairs, TimeSpan Duration, int Messages, int Seed)
{
    /// <summary>What the figures in <c>docs/benchmarks.md</c> are made with.</summary>
    public static Work Full { get; } = new(200, TimeSpan.FromSeconds(60), 100_000, 1);
}
