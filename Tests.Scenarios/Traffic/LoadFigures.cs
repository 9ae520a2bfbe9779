namespace Scenarios.Traffic;

/// <summary>The results of a load.</summary>
/// <param name="Elapsed">The time from the first request to the last answer.</param>
/// <param name="Latencies">The latencies of the right answers, ascending.</param>
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
    /// <summary>The number of all requests.</summary>
    public int Requests => Latencies.Count + Failures.Count + Wrong.Count;

    /// <summary>Right answers per second.</summary>
    public double Rate => Latencies.Count / Elapsed.TotalSeconds;

    /// <summary>The longest latency; zero if there is no answer.</summary>
    public TimeSpan Longest => Latencies.Count == 0 ? TimeSpan.Zero : Latencies[^1];

    /// <summary>The mean latency; zero if there is no answer.</summary>
    public TimeSpan Mean =>
        Latencies.Count == 0 ? TimeSpan.Zero : Latencies.Aggregate((sum, one) => sum + one) / Latencies.Count;

    /// <summary>
    /// Returns the latency that a share, 0 … 1, of the answers did not exceed; zero if there is no answer.
    /// </summary>
    public TimeSpan Quantile(double share) =>
        Latencies.Count == 0 ? TimeSpan.Zero : Latencies[Math.Min((int)(share * Latencies.Count), Latencies.Count - 1)];
}
