using Bench.Nodes;

namespace Reliability.Scenarios;

/// <summary>Workers are killed and restarted.</summary>
public sealed class KillScenario : Scenario
{
    /// <inheritdoc/>
    public override string Name => "kill";

    /// <inheritdoc/>
    public override string Summary => "a worker is killed with SIGKILL again and again, and started again";

    /// <inheritdoc/>
    protected override async Task RunAsync(ScenarioOptions options, Report report)
    {
        await using var cluster = await Cluster.StartAsync(report, options);
        report.Condition("a worker is killed", $"every {options.Period.TotalSeconds} s");
        var random = new Random(options.Seed);
        var kills = 0;
        var load = await cluster.LoadAsync(options, async over =>
        {
            while (true)
            {
                await Task.Delay(options.Period / 2, over);
                var victim = cluster.Workers[random.Next(cluster.Workers.Count)];
                victim.Process.Send(Signal.Kill);
                kills++;
                await victim.StartAsync();
                await Task.Delay(options.Period / 2, over);
            }
        });
        report.Figure("killed", $"{kills}");
        report.Load(load);
        report.Require(kills > 0, "No worker was killed.");
        report.Require(load.Retried > 0, "No request was under way in a worker when it was killed.");
    }
}
