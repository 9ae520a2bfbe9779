using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Scenarios.Nodes;

namespace Scenarios.Hostile;

/// <summary>
/// Opens connections that send nothing, or one byte per second, and reopens them when they are cut, beside an honest
/// client.
/// </summary>
internal static class IdleConnections
{
    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        await AgainstAsync("worker", service => service.WorkerPort, TimeSpan.FromSeconds(5), options, report);
        // The server's own timeout for a connection's first byte.
        await AgainstAsync("web node", service => service.WebPort, TimeSpan.FromSeconds(10), options, report);
    }

    private static async Task AgainstAsync(
        string victim, Func<ServiceUnderTest, int> port, TimeSpan idle, ScenarioOptions options, Report report)
    {
        using var service = await ServiceUnderTest.StartAsync(1);
        var asks = options.Of(21, 100);
        await HonestClient.AskAsync(service, asks / 3);
        var (quiet, _) = await HonestClient.AskAsync(service, asks);
        using var stop = new CancellationTokenSource();
        var crowd = Enumerable.Range(0, options.Of(500, 2000)).Select(
            i => new IdleConnection(port(service), drips: i % 2 == 1)).ToList();
        // One per millisecond: if all connect at once, the kernel drops some of them, which still look connected on
        // their side.
        var running = crowd.Select((one, i) => Task.Run(async () =>
        {
            await Task.Delay(i);
            await one.RunAsync(stop.Token);
        })).ToList();
        var clock = Stopwatch.StartNew();
        while (crowd.Count(one => one.IsConnected) < crowd.Count && clock.Elapsed < TimeSpan.FromSeconds(20))
        {
            await Task.Delay(100);
        }

        var connected = crowd.Count(one => one.IsConnected);
        var (under, failed) = await HonestClient.AskAsync(service, asks);
        report.Must(
            failed == 0,
            $"{victim}: {connected} such connections at once, {asks - failed} of {asks} honest requests answered");
        var (before, during) = (HonestClient.Quantile(quiet, 0.5), HonestClient.Quantile(under, 0.5));
        report.Must(
            during <= (2 * before) + options.Of(50, 0),
            $"{victim}: median {before:0.0} ms quiet, {during:0.0} ms under them: {during / before:0.00} times; "
                + $"95 %: {HonestClient.Quantile(quiet, 0.95):0.0} and {HonestClient.Quantile(under, 0.95):0.0} ms");

        // The time of delayed connections starts here.
        clock.Restart();

        while (crowd.Exists(one => one.Longest is null) && clock.Elapsed < idle + TimeSpan.FromSeconds(20))
        {
            await Task.Delay(200);
        }

        await stop.CancelAsync();
        await Task.WhenAll(running);
        foreach (var drips in new[] { true, false })
        {
            var kind = crowd.Where(one => one.Drips == drips).ToList();
            report.Must(
                kind.TrueForAll(one => one.Longest is not null),
                $"{victim}: {kind.Count(one => one.Longest is not null)} of {kind.Count} "
                    + $"{(drips ? "one-byte-a-second" : "idle")} ones cut, the last after "
                    + $"{kind.Max(one => one.Longest)?.TotalSeconds:0.0} s");
        }
    }

    /// <summary>One connection of the crowd, opened repeatedly.</summary>
    private sealed class IdleConnection(int port, bool drips)
    {
        public bool Drips => drips;

        public bool IsConnected { get; private set; }

        /// <summary>The longest lifetime of a connection; null if none was cut yet.</summary>
        public TimeSpan? Longest { get; private set; }

        public async Task RunAsync(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port, stop);
                    IsConnected = true;
                    var clock = Stopwatch.StartNew();
                    await UntilCutAsync(socket, stop);
                    Longest = Longest > clock.Elapsed ? Longest : clock.Elapsed;
                }
                catch (SocketException)
                {
                    await Task.Delay(100, CancellationToken.None);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }

        private async Task UntilCutAsync(Socket socket, CancellationToken stop)
        {
            var said = new byte[256];
            var ended = Task.Run(async () =>
            {
                try
                {
                    while (await socket.ReceiveAsync(said, stop) > 0)
                    {
                    }
                }
                catch (SocketException)
                {
                    // The connection was cut as well.
                }
            }, stop);
            while (drips && await Task.WhenAny(ended, Task.Delay(1000, stop)) != ended)
            {
                try
                {
                    await socket.SendAsync("G"u8.ToArray(), stop);
                }
                catch (SocketException)
                {
                    return;
                }
            }

            await ended;
        }
    }
}
