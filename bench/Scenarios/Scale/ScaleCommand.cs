using System.CommandLine;
using System.Globalization;
using Scenarios.Nodes;
using Scenarios.Scaling;
using Web.Giraffe;

namespace Scenarios.Bench.Scale;

/// <summary>
/// The command <c>scale</c>: measures a real worker and a real web node, and simulates many of them. Prints the tables
/// of <c>docs/scaling.md</c>.
/// </summary>
internal static class ScaleCommand
{
    private const int FewWebs = 10;
    private const int ManyWebs = 100;

    private static readonly double[] Loads = [.3, .5, .6, .7, .8, .85, .9, .95];
    private static readonly LoadBalancingPolicy[] Policies = LoadBalancingPolicy.All;

    public static Command Create()
    {
        var service = Milliseconds(
            "--service",
            "The milliseconds that an executor takes for a picture, separated by commas; by default measured on "
                + "a real worker");
        var web = Milliseconds(
            "--web",
            "The milliseconds of a core that a web node takes for a picture; by default measured on a real one");
        var workers = ScenarioCommand.Number("--workers", "The number of workers; default: 1000", 100_000);
        var executors = ScenarioCommand.Number("--executors", "The number of executors of a worker; default: 2", 1024);
        var seconds = ScenarioCommand.Number("--seconds", "The simulated time of each point; default: 2", 3600);
        var seed = ScenarioCommand.Number(
            "--seed", "The seed of arrivals, pictures and choices; default: 1", int.MaxValue);
        var command = new Command(
            "scale",
            "Simulates up to 1,000 workers: the effect of each Pool:Policy, and the capacity of clusters of each size")
        {
            service, web, workers, executors, seconds, seed,
        };
        command.SetAction(async (given, cancel) =>
        {
            Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Machine.Description}, load {Machine.Load}\n");
            var times = given.GetValue(service) ?? await ServiceTimes.MeasureAsync();
            var cost = given.GetValue(web) is { } assumed ? WebCost.Assumed(assumed[0]) : await WebCost.MeasureAsync();
            Console.WriteLine($"{ServiceTimes.Describe(times)}\n\n{cost}\n");
            var plan = new ClusterPlan(
                1, given.GetValue(workers) ?? 1000, given.GetValue(
                    executors) ?? 2, 8, times, 0, 0, .0005, given.GetValue(seconds) ?? 2, given.GetValue(seed) ?? 1);
            PrintPolicies(plan, cancel);
            PrintSizes(plan, cost, cancel);
        });
        return command;
    }

    private static void PrintPolicies(ClusterPlan plan, CancellationToken cancel)
    {
        foreach (var (title, cluster) in ((string, ClusterPlan)[])
        [
            ($"equal workers, {FewWebs} web nodes", plan with { Webs = FewWebs }),
            ($"a fifth of the workers half as fast, {FewWebs} web nodes", plan with { Webs = FewWebs, Slow = .2 }),
            ($"a fifth of the workers half as fast, {ManyWebs} web nodes", plan with { Webs = ManyWebs, Slow = .2 }),
            (
                $"a tenth of the workers unavailable for a third of the time, {FewWebs} web nodes",
                plan with { Webs = FewWebs, Drained = .1 }),
        ])
        {
            var results = Simulate([.. Loads.Select(load => (cluster, load))], cancel);
            Console.WriteLine(
                $"**{title}**; the capacity of all workers is {cluster.Capacity:N0} pictures a second.\n");
            PrintTable(
                ["load", "pictures a second"],
                [.. Loads.Select(load => new[] { $"{load:P0}", $"{load * cluster.Capacity:N0}" })],
                results);
        }
    }

    private static void PrintSizes(ClusterPlan plan, WebCost cost, CancellationToken cancel)
    {
        var sizes = ClusterSize.All(plan, cost);
        var results = Simulate([.. sizes.Select(size => (size.Plan, ClusterSize.Load))], cancel);
        Console.WriteLine(
            $"Equal workers at {ClusterSize.Load:P0} load, web nodes of {ClusterSize.CoresOfWeb} cores at "
                + $"{ClusterSize.Load:P0} load at most, pictures of {cost.Bytes / 1024:0} KiB; simulated times.\n");
        PrintTable(
            ["workers", "pictures a second", "web nodes", "their busy cores", "Gbit/s to the workers"],
            [.. sizes.Select(size => size.Cells(cost))],
            results);
    }

    /// <summary>Returns the results of every policy for each point.</summary>
    private static SimulationResult[][] Simulate((ClusterPlan Plan, double Load)[] points, CancellationToken cancel)
    {
        var all = points.SelectMany(point => Policies.Select(policy => (point.Plan, policy, point.Load))).ToList();
        return [.. all.AsParallel().AsOrdered().WithCancellation(cancel)
            .Select(one => Simulation.Run(one.Plan, one.policy, one.Load))
            .Chunk(Policies.Length)];
    }

    private static void PrintTable(string[] heads, string[][] rows, SimulationResult[][] results)
    {
        string[] columns = [.. heads, .. Policies.Select(policy => $"{policy} p50 / p99")];
        Console.WriteLine($"| {string.Join(" | ", columns)} |\n|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (var (row, policies) in rows.Zip(results))
        {
            var times = policies.Select(one => $"{one.Median * 1000:0} / {one.Tail * 1000:0} ms");
            Console.WriteLine($"| {string.Join(" | ", [.. row, .. times])} |");
        }

        Console.WriteLine();
    }

    /// <summary>Creates an option for milliseconds above 0; its value is in seconds.</summary>
    private static Option<double[]?> Milliseconds(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "MS",
        CustomParser = result =>
        {
            var times = result.Tokens[0].Value.Split(',')
                .Select(
                    text => double.TryParse(
                        text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                        ? value / 1000
                        : 0)
                .ToArray();
            if (times.All(time => time > 0))
            {
                return times;
            }

            result.AddError($"{name} takes milliseconds above 0, separated by commas.");
            return null;
        },
    };
}
