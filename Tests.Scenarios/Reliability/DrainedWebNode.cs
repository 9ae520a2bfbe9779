using System.Diagnostics;
using System.Net;
using Scenarios.Nodes;

namespace Scenarios.Reliability;

/// <summary>
/// Asks one of two web nodes to end, while clients use whichever reports that it is ready, as behind a load balancer.
/// </summary>
internal static class DrainedWebNode
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        await using var cluster = await Cluster.StartAsync(report, options, webs: 2);
        var (leaving, staying) = (cluster.Webs[0], cluster.Webs[1]);
        var isReady = true;
        var requests = 0;
        Uri Where() => Volatile.Read(ref isReady) && int.IsEvenInteger(Interlocked.Increment(ref requests))
            ? leaving.Address
            : staying.Address;
        TimeSpan notReady = default, closed = default, ended = default;
        var code = -1;
        var load = await cluster.LoadAsync(options, Where, async over =>
        {
            await Task.Delay(options.Duration / 2, over);
            var clock = Stopwatch.StartNew();
            leaving.Process.Send(Signal.Terminate);
            while (await leaving.IsReadyAsync())
            {
                await Task.Delay(Interval, over);
            }

            Volatile.Write(ref isReady, false);
            notReady = clock.Elapsed;
            while (await Place.Here.ReachesAsync(new IPEndPoint(IPAddress.Loopback, leaving.Address.Port)))
            {
                await Task.Delay(Interval, over);
            }

            closed = clock.Elapsed;
            code = await leaving.Process.EndedAsync(LongestEnd);
            ended = clock.Elapsed;
            await Task.Delay(Timeout.Infinite, over);
        });
        report.Note(
            $"after SIGTERM: not ready {Report.Milliseconds(notReady)} ms, listener closed "
                + $"{Report.Milliseconds(closed)} ms, ended {Report.Milliseconds(ended)} ms");
        report.Load(load);
        report.Must(code == 0, $"the web node's exit code: {code}");
        report.Must(
            closed - notReady > TimeSpan.FromSeconds(.5),
            "clients had more than 0.5 s between the failed readiness and the closed listener");
    }
}
