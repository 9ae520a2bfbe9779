namespace Bench.Load;

/// <summary>What a load came to.</summary>
/// <param name="Elapsed">From the first request to the last answer.</param>
/// <param name="Latencies">Of the right answers, ascending.</param>
/// <param name="Failures">One line for each request without a 200, or without any answer.</param>
/// <param name="Wrong">One line for each answer that is not the expected one to the last digit.</param>
/// <param name="Retried">Answers that took more than one worker.</param>
public sealed record LoadFigures(
    TimeSpan Elapsed,
    IReadOnlyList<TimeSpan> Latencies,
    IReadOnlyList<string> Failures,
    IReadOnlyList<string> Wrong,
    int Retried)
{
    /// <summary>All requests.</summary>
    public int Requests => Latencies.Count + Failures.Count + Wrong.Count;

    /// <summary>Right answers a second.</summary>
    public double Rate => Latencies.Count / Elapsed.TotalSeconds;

    /// <summary>Zero without an answer.</summary>
    public TimeSpan Longest => Latencies.Count == 0 ? TimeSpan.Zero : Latencies[^1];

    /// <summary>Zero without an answer.</summary>
    public TimeSpan Mean => Latencies.Count == 0 ? TimeSpan.Zero : Latencies.Aggregate((sum, one) => sum + one) / Latencies.Count;

    /// <summary>The latency that a share, 0 … 1, of the answers kept to; zero without an answer.</summary>
    public TimeSpan Quantile(double share) =>
        Latencies.Count == 0 ? TimeSpan.Zero : Latencies[Math.Min((int)(share * Latencies.Count), Latencies.Count - 1)];
}
