using Scenarios.Nodes;

namespace Scenarios.Reliability;

/// <summary>Ends random workers by a signal and restarts them, repeatedly.</summary>
internal static class RestartedWorker
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(Signal signal, ScenarioOptions options, Report report)
    {
        await using var cluster = await Cluster.StartAsync(report, options);
        var period = TimeSpan.FromSeconds(options.Of(2, 10));
        var random = new Random(options.Seed);
        var codes = new List<int>();
        var load = await cluster.LoadAsync(options, async over =>
        {
            while (true)
            {
                await Task.Delay(period / 2, over);
                var worker = cluster.Workers[random.Next(cluster.Workers.Count)];
                worker.Process.Send(signal);
                codes.Add(await worker.Process.EndedAsync(LongestEnd));
                await worker.StartAsync();
                await Task.Delay(period / 2, over);
            }
        });
        report.Load(load);
        report.Must(codes.Count > 0, $"signal {signal} to a worker every {period.TotalSeconds} s: {codes.Count} times");
        if (signal == Signal.Terminate)
        {
            report.Must(codes.TrueForAll(code => code == 0), $"exit codes: {string.Join(", ", codes)}");
        }
        else
        {
            report.Must(load.Retried > 0, "a request was under way in a worker when it was killed");
        }
    }
}
