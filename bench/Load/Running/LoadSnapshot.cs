namespace Load.Running;

/// <summary>A window that is not over yet.</summary>
/// <param name="Rate">Answers a second.</param>
/// <param name="Median">Of the latencies, milliseconds.</param>
/// <param name="Late">Their 99th percentile, milliseconds.</param>
/// <param name="Failed">Errors of every kind.</param>
public sealed record LoadSnapshot(double Rate, double Median, double Late, long Failed);
