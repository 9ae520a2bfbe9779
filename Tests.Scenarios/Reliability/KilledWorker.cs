using Scenarios.Nodes;

namespace Scenarios.Reliability;

/// <summary>Kills and restarts workers.</summary>
internal static class KilledWorker
{
    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        await using var cluster = await Cluster.StartAsync(report, options);
        var period = TimeSpan.FromSeconds(options.Of(2, 10));
        var random = new Random(options.Seed);
        var kills = 0;
        var load = await cluster.LoadAsync(options, async over =>
        {
            while (true)
            {
                await Task.Delay(period / 2, over);
                var victim = cluster.Workers[random.Next(cluster.Workers.Count)];
                victim.Process.Send(Signal.Kill);
                kills++;
                await victim.StartAsync();
                await Task.Delay(period / 2, over);
            }
        });
        report.Load(load);
        report.Must(kills > 0, $"workers killed, one every {period.TotalSeconds} s: {kills}");
        report.Must(load.Retried > 0, "a request was under way in a worker when it was killed");
    }
}
