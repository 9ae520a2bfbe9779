using Compare.Output;
using Compare.Systems;
using Load.Pictures;
using Load.Running;

namespace Compare.Experiments;

/// <summary>Measures a single client: the latency added by the way to the network and back.</summary>
internal static class LatencyExperiment
{
    private const double Most = 1.5;

    public static async Task<Result> RunAsync(
        IReadOnlyList<ComparedSystem> systems, Picture picture, MeasurementPlan plan)
    {
        var windows = systems.ToDictionary(system => system.Letter, _ => new List<Window>());
        for (var round = 0; round < plan.Rounds; round++)
        {
            foreach (var system in systems)
            {
                windows[system.Letter].Add(await system.MeasureAsync(picture, clients: 1, plan.Before, plan.Window));
            }
        }

        var added = windows['c'].Zip(windows['a'], (service, bare) => service.Milliseconds(50) - bare.Milliseconds(50));
        var goal = $"median latency that (c) adds to (a) at one client, {Photographs.Name(picture)}";
        return new Result(
            [Goal.Of(goal, added, Most, atLeast: false, "ms")],
            new Section(
                "Latency",
                $"One client, one picture of {Photographs.Name(picture)} after the other, milliseconds.",
                ["system", "p50", "p90", "p99"],
                [.. systems.Select(system => Row(system, Window.Sum(windows[system.Letter])))]));
    }

    private static string[] Row(ComparedSystem system, Window window) =>
    [
        $"({system.Letter}) {system.Name}",
        Result.Text(window.Milliseconds(50), "F2"),
        Result.Text(window.Milliseconds(90), "F2"),
        Result.Text(window.Milliseconds(99), "F2"),
    ];
}
