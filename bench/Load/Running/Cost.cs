namespace Load.Running;

/// <summary>What the generator itself took of the machine.</summary>
/// <param name="Own">Cores that this process used, on average.</param>
/// <param name="Available">Cores that it may use.</param>
/// <param name="Busy">Cores of the machine that anything used, on average; null where the system does not say.</param>
/// <param name="Delay">
/// The 99th percentile of the time from when something of the generator's was due to when it ran: that much of a
/// latency may be its own.
/// </param>
public sealed record Cost(double Own, int Available, double? Busy, TimeSpan Delay)
{
    /// <summary>Of its cores, 0 … 1.</summary>
    public double OwnShare => Own / Available;

    /// <summary>Of several windows; the worst of their delays.</summary>
    public static Cost Mean(IReadOnlyList<Cost> costs) => new(
        costs.Average(cost => cost.Own),
        costs[0].Available,
        costs.Average(cost => cost.Busy),
        costs.Max(cost => cost.Delay));
}
