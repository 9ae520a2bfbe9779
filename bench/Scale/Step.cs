using System.Globalization;
using System.Text;
using Bench;
using Scale.Simulation;
using Web.Giraffe;

namespace Scale;

/// <summary>A size on the way to a large cluster, and its requirements.</summary>
/// <param name="Plan">The workers, and the web nodes that carry their capacity at <see cref="Load"/>.</param>
/// <param name="Rate">Pictures per second at that load.</param>
/// <param name="Cores">The number of busy cores of web nodes at that load.</param>
internal sealed record Step(Plan Plan, double Rate, double Cores)
{
    /// <summary>The load as a share of the capacity; the rest is for failures and busy hours.</summary>
    public const double Load = .7;

    private const int CoresOfWeb = 16;
    private const double Wanted = 100_000;
    private const double BitsOfGigabit = 1e9 / 8;

    /// <summary>
    /// Returns the steps from one worker to the plan's own number, with the number that 100,000 pictures per second
    /// need in between.
    /// </summary>
    public static IReadOnlyList<Step> All(Plan most, WebCost cost)
    {
        var needed = (int)Math.Ceiling(Wanted / (most with { Workers = 1 }).Capacity / Load);
        int[] sizes = [1, 10, 100, needed, most.Workers];
        return [.. sizes.Distinct().Order().Select(workers =>
        {
            var plan = most with { Workers = workers };
            var rate = plan.Capacity * Load;
            var cores = rate * cost.Seconds;
            return new Step(plan with { Webs = Math.Max(1, (int)Math.Ceiling(cores / Load / CoresOfWeb)) }, rate, cores);
        })];
    }

    /// <summary>
    /// Returns a row per step; <paramref name="points"/> has every policy's points of each step, in their order.
    /// </summary>
    public static string Table(IReadOnlyList<Step> steps, IReadOnlyList<Point> points, WebCost cost)
    {
        var policies = Enum.GetValues<LoadBalancingPolicy>();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Equal workers at {Load:P0} of what they can do, web nodes of {CoresOfWeb} cores at {Load:P0} of theirs at most, pictures of {cost.Bytes / 1024:0} KiB; the times are simulated.\n\n");
        text.Append(Page.Row(["workers", "pictures a second", "web nodes", "their busy cores", "Gbit/s to the workers", .. policies.Select(policy => $"{policy} p50 / p99")]));
        text.Append('\n').Append('|').Insert(text.Length, "---|", 5 + policies.Length);
        foreach (var (number, step) in steps.Index())
        {
            string[] cells =
            [
                $"{step.Plan.Workers:N0}", $"{step.Rate:N0}", $"{step.Plan.Webs:N0}", $"{step.Cores:N1}",
                string.Create(CultureInfo.InvariantCulture, $"{step.Rate * cost.Bytes / BitsOfGigabit:N1}"),
                .. points.Skip(number * policies.Length).Take(policies.Length).Select(Scale.Table.Cell),
            ];
            text.Append('\n').Append(Page.Row(cells));
        }

        return text.ToString();
    }
}
