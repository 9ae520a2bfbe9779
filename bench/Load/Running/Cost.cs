namespace Load.Running;

/// <summary>The generator's own use of the machine.</summary>
/// <param name="Own">The cores that this process used, on average.</param>
/// <param name="Available">The cores that this process may use.</param>
/// <param name="Busy">
/// The cores of the machine in use by any process, on average; null if the system does not report it.
/// </param>
/// <param name="Delay">
/// The 99th percentile of the generator's own scheduling delay; a latency may include this much of it.
/// </param>
public sealed record Cost(double Own, int Available, double? Busy, TimeSpan Delay)
{
    /// <summary>The share of its cores in use, 0 … 1.</summary>
    public double OwnShare => Own / Available;

    /// <summary>Merges the costs of several windows; takes the worst of their delays.</summary>
    public static Cost Mean(IReadOnlyList<Cost> costs) => new(
        costs.Average(cost => cost.Own),
        costs[0].Available,
        costs.Average(cost => cost.Busy),
        costs.Max(cost => cost.Delay));
}
