using System.Diagnostics;
using System.Net;
using Bench.Nodes;

namespace Reliability.Scenarios;

/// <summary>
/// One of two web nodes is asked to end, while clients use whichever reports that it is ready, as behind a load
/// balancer.
/// </summary>
public sealed class DrainWebScenario : Scenario
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public override string Name => "drain-web";

    /// <inheritdoc/>
    public override string Summary => "one of two web nodes is asked to end (SIGTERM), and clients heed its readiness";

    /// <inheritdoc/>
    public override ScenarioOptions Standard => base.Standard with { Duration = TimeSpan.FromSeconds(20) };

    /// <inheritdoc/>
    protected override async Task RunAsync(ScenarioOptions options, Report report)
    {
        await using var cluster = await Cluster.StartAsync(report, options, webs: 2);
        report.Condition("readiness is asked", $"every {Look.TotalMilliseconds} ms");
        var (leaving, staying) = (cluster.Webs[0], cluster.Webs[1]);
        var isReady = true;
        var turn = 0;
        Uri Where() => Volatile.Read(ref isReady) && int.IsEvenInteger(Interlocked.Increment(ref turn)) ? leaving.Address : staying.Address;
        TimeSpan notReady = default, closed = default, ended = default;
        var code = -1;
        var load = await cluster.LoadAsync(options, Where, async over =>
        {
            await Task.Delay(options.Duration / 2, over);
            var clock = Stopwatch.StartNew();
            leaving.Process.Send(Signal.Terminate);
            while (await leaving.IsReadyAsync())
            {
                await Task.Delay(Look, over);
            }

            Volatile.Write(ref isReady, false);
            notReady = clock.Elapsed;
            while (await Place.Here.ReachesAsync(new IPEndPoint(IPAddress.Loopback, leaving.Address.Port)))
            {
                await Task.Delay(Look, over);
            }

            closed = clock.Elapsed;
            code = await leaving.Process.EndedAsync(Bearable);
            ended = clock.Elapsed;
            await Task.Delay(Timeout.Infinite, over);
        });
        report.Figure("after SIGTERM", $"not ready {Report.Milliseconds(notReady)} ms, door closed {Report.Milliseconds(closed)} ms, ended {Report.Milliseconds(ended)} ms, exit code {code}");
        report.Load(load);
        report.Require(code == 0, $"The web node ended with {code}.");
        report.Require(closed - notReady > TimeSpan.FromSeconds(.5), "The door closed when readiness had hardly failed.");
    }
}
