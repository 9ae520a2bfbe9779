namespace Load.Running;

/// <summary>The figures of a window that is still open.</summary>
/// <param name="Rate">Answers per second.</param>
/// <param name="Median">The median latency in milliseconds.</param>
/// <param name="Late">The 99th percentile of the latency in milliseconds.</param>
/// <param name="Failed">The number of errors of every kind.</param>
public sealed record LoadSnapshot(double Rate, double Median, double Late, long Failed);
