using Bench.Nodes;

namespace Reliability.Scenarios;

/// <summary>Workers are asked to end, under load.</summary>
public sealed class DrainScenario : Scenario
{
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public override string Name => "drain";

    /// <inheritdoc/>
    public override string Summary => "a worker is asked to end (SIGTERM) again and again, and started again";

    /// <inheritdoc/>
    protected override async Task RunAsync(ScenarioOptions options, Report report)
    {
        await using var cluster = await Cluster.StartAsync(report, options);
        report.Condition("a worker is asked to end", $"every {options.Period.TotalSeconds} s");
        var random = new Random(options.Seed);
        var codes = new List<int>();
        var load = await cluster.LoadAsync(options, async over =>
        {
            while (true)
            {
                await Task.Delay(options.Period / 2, over);
                var leaving = cluster.Workers[random.Next(cluster.Workers.Count)];
                leaving.Process.Send(Signal.Terminate);
                codes.Add(await leaving.Process.EndedAsync(Bearable));
                await leaving.StartAsync();
                await Task.Delay(options.Period / 2, over);
            }
        });
        report.Figure("ended", $"{codes.Count}");
        report.Load(load);
        report.Require(codes.Count > 0, "No worker was asked to end.");
        report.Require(codes.TrueForAll(code => code == 0), $"Workers ended with {string.Join(", ", codes)}.");
    }
}
