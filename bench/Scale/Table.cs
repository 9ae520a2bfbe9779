using System.Globalization;
using System.Text;
using Scale.Simulation;
using Web.Giraffe;

namespace Scale;

/// <summary>The points of one case as a table of <c>docs/scaling.md</c>.</summary>
internal static class Table
{
    public static string Of(Cluster one, Plan plan, IReadOnlyList<Point> points)
    {
        var policies = Enum.GetValues<LoadBalancingPolicy>();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"**{one.Title}**; all workers together can do {plan.Capacity:N0} pictures a second.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| load | pictures a second | {string.Join(" | ", policies.Select(policy => $"{policy} p50 / p99"))} |\n");
        text.Append("|---|---|").Insert(text.Length, "---|", policies.Length).Append('\n');
        foreach (var row in points.GroupBy(point => point.Load))
        {
            var cells = policies.Select(policy => Cell(row.First(point => point.LoadBalancingPolicy == policy)));
            text.Append(CultureInfo.InvariantCulture, $"| {row.Key:P0} | {row.Key * plan.Capacity:N0} | {string.Join(" | ", cells)} |\n");
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>Formats the median and the 99th percentile.</summary>
    public static string Cell(Point point) => string.Create(CultureInfo.InvariantCulture, $"{point.Median * 1000:0} / {point.Tail * 1000:0} ms");
}
