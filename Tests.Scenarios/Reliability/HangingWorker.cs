using Scenarios.Nodes;

namespace Scenarios.Reliability;

/// <summary>Suspends workers: their connections stay open, but no data arrives.</summary>
internal static class HangingWorker
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(12);

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        await using var cluster = await Cluster.StartAsync(report, options);
        var period = TimeSpan.FromSeconds(options.Of(7, 10));
        var hanging = period * .8;
        var random = new Random(options.Seed);
        var hangs = 0;
        var load = await cluster.LoadAsync(options, async over =>
        {
            while (true)
            {
                var victim = cluster.Workers[random.Next(cluster.Workers.Count)].Process;
                await Task.Delay(period - hanging, over);
                victim.Send(Signal.Stop);
                hangs++;
                try
                {
                    await Task.Delay(hanging, over);
                }
                finally
                {
                    victim.Send(Signal.Continue);
                }
            }
        });
        report.Load(load);
        report.Must(
            hangs > 0, $"workers suspended, one every {period.TotalSeconds} s for {hanging.TotalSeconds} s: {hangs}");
        report.Must(load.Retried > 0, "a request was under way in a worker when it was suspended");
        report.Must(load.Longest < LongestAnswer, $"the longest answer took less than {LongestAnswer.TotalSeconds} s");
    }
}
