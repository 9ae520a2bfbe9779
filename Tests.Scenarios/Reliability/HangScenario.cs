using Bench.Nodes;

namespace Reliability.Scenarios;

/// <summary>Workers hang: their connections stay open, but no data arrives.</summary>
public sealed class HangScenario : Scenario
{
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(12);

    /// <inheritdoc/>
    public override string Name => "hang";

    /// <inheritdoc/>
    public override string Summary => "a worker hangs (SIGSTOP) again and again, and goes on (SIGCONT)";

    /// <inheritdoc/>
    protected override async Task RunAsync(ScenarioOptions options, Report report)
    {
        await using var cluster = await Cluster.StartAsync(report, options);
        var hanging = options.Period * .8;
        report.Condition("a worker hangs", $"every {options.Period.TotalSeconds} s, for {hanging.TotalSeconds} s");
        var random = new Random(options.Seed);
        var hangs = 0;
        var load = await cluster.LoadAsync(options, async over =>
        {
            while (true)
            {
                var victim = cluster.Workers[random.Next(cluster.Workers.Count)].Process;
                await Task.Delay(options.Period - hanging, over);
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
        report.Figure("hung", $"{hangs}");
        report.Load(load);
        report.Require(hangs > 0, "No worker was stopped.");
        report.Require(load.Retried > 0, "No request was under way in a worker when it was stopped.");
        report.Require(load.Longest < Bearable, $"The longest answer took {load.Longest.TotalSeconds:F1} s, not less than {Bearable.TotalSeconds}.");
    }
}
