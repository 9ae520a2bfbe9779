using Scenarios.Scaling;

namespace Scenarios.Bench.Scale;

/// <summary>A size on the way to a large cluster, and its requirements.</summary>
/// <param name="Plan">The workers, and the web nodes that carry their capacity at <see cref="Load"/>.</param>
/// <param name="Rate">Pictures per second at that load.</param>
/// <param name="Cores">The number of busy cores of web nodes at that load.</param>
internal sealed record ClusterSize(ClusterPlan Plan, double Rate, double Cores)
{
    /// <summary>The load as a share of the capacity; the rest is for failures and busy hours.</summary>
    public const double Load = .7;

    /// <summary>The number of cores of a web node.</summary>
    public const int CoresOfWeb = 16;

    private const double Wanted = 100_000;
    private const double BytesOfGigabit = 1e9 / 8;

    /// <summary>
    /// Returns the sizes from one worker to the plan's own number, with the number that 100,000 pictures per second
    /// need in between.
    /// </summary>
    public static IReadOnlyList<ClusterSize> All(ClusterPlan most, WebCost cost)
    {
        var needed = (int)Math.Ceiling(Wanted / (most with { Workers = 1 }).Capacity / Load);
        int[] sizes = [1, 10, 100, needed, most.Workers];
        return [.. sizes.Distinct().Order().Select(workers =>
        {
            var plan = most with { Workers = workers };
            var rate = plan.Capacity * Load;
            var cores = rate * cost.Seconds;
            return new ClusterSize(
                plan with { Webs = Math.Max(1, (int)Math.Ceiling(cores / Load / CoresOfWeb)) }, rate, cores);
        })];
    }

    /// <summary>Returns the row's cells before the times.</summary>
    public string[] Cells(WebCost cost) =>
    [
        $"{Plan.Workers:N0}", $"{Rate:N0}", $"{Plan.Webs:N0}", $"{Cores:N1}",
        $"{Rate * cost.Bytes / BytesOfGigabit:N1}",
    ];
}
