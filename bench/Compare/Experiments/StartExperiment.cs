using System.Diagnostics;
using Compare.Output;
using Compare.Systems;
using Load.Pictures;
using Scenarios.Nodes;

namespace Compare.Experiments;

/// <summary>Measures a worker's start-up time, and its memory after that.</summary>
internal static class StartExperiment
{
    private const double MostSeconds = 1.5;
    private const double MostMegabytes = 250;
    private const int Connections = 8;
    private const int Rounds = 3;

    public static async Task<Result> RunAsync(IReadOnlyList<Picture> pictures, MeasurementPlan plan)
    {
        var (starts, memory) = (new List<double>(), new List<double>());
        for (var start = 0; start < plan.Starts; start++)
        {
            using var worker = new WorkerNode(Place.Here);
            starts.Add(await StartAsync(worker));
            if (start < Rounds)
            {
                using var system = new ServedSystem('b', "one worker", new Uri($"dan://{worker.EndPoint}"));
                await system.AskAsync(pictures, Connections, plan.Pictures / Connections);
                memory.Add(worker.Process.Footprint().Resident / 1e6);
            }
        }

        return new Result(
            [
                Goal.Of("start to ready of a worker", starts, MostSeconds, atLeast: false, "s"),
                Goal.Of(
                    $"resident memory of a worker after {plan.Pictures} pictures of all three sizes",
                    memory,
                    MostMegabytes,
                    atLeast: false,
                    "MB"),
            ],
            null);
    }

    /// <summary>Returns the seconds from the process's start until it answers a connection.</summary>
    private static async Task<double> StartAsync(WorkerNode worker)
    {
        var clock = Stopwatch.StartNew();
        await worker.StartAsync();
        return clock.Elapsed.TotalSeconds;
    }
}
