using Scenarios.Nodes;

namespace Scenarios.Reliability;

/// <summary>Asks workers to end, under load.</summary>
internal static class DrainedWorker
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(ScenarioOptions options, Report report)
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
                var leaving = cluster.Workers[random.Next(cluster.Workers.Count)];
                leaving.Process.Send(Signal.Terminate);
                codes.Add(await leaving.Process.EndedAsync(LongestEnd));
                await leaving.StartAsync();
                await Task.Delay(period / 2, over);
            }
        });
        report.Load(load);
        report.Must(codes.Count > 0, $"workers asked to end, one every {period.TotalSeconds} s: {codes.Count}");
        report.Must(codes.TrueForAll(code => code == 0), $"exit codes: {string.Join(", ", codes)}");
    }
}
