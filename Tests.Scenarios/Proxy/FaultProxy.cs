using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Scenarios.Proxy;

/// <summary>
/// Imitates a bad network between two nodes: relays connections to <see cref="EndPoint"/> to the target with delay,
/// limited bandwidth and faults. A message is one of the D/A/N protocol (<c>docs/protocol.md</c>); for other traffic,
/// the bytes of one read.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private const int NarrowBuffer = 32 * 1024;

    private readonly Socket listener;
    private readonly IPEndPoint target;
    private readonly FaultOptions options;
    private readonly DelayLine up;
    private readonly DelayLine down;
    private readonly FaultCounters counters = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<int, Task> running = new();
    private readonly Task accepting;

    private FaultProxy(Socket listener, IPEndPoint target, FaultOptions options)
    {
        (this.listener, this.target, this.options) = (listener, target, options);
        (up, down) = (new DelayLine(options), new DelayLine(options));
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        accepting = AcceptAsync();
    }

    /// <summary>The address that the proxy listens on, with the real port.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The number of connections so far.</summary>
    public long Connections => counters.Connections;

    /// <summary>The number of messages begun so far, in both directions.</summary>
    public long Messages => counters.Messages;

    /// <summary>The number of bytes read from the connecting side.</summary>
    public long BytesUp => counters.BytesUp;

    /// <summary>The number of bytes read from the target.</summary>
    public long BytesDown => counters.BytesDown;

    /// <summary>The faults so far, roughly in order of time.</summary>
    public IReadOnlyCollection<InjectedFault> Injected => counters.Injected;

    /// <summary>Listens on <paramref name="listen"/>, port 0 for any free one, for <paramref name="target"/>.</summary>
    /// <exception cref="SocketException">The proxy can't listen on the address.</exception>
    public static FaultProxy Start(IPEndPoint listen, IPEndPoint target, FaultOptions options)
    {
        var listener = options.NewSocket();
        try
        {
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            if (options.BytesPerSecond > 0)
            {
                // The sender must notice the limited bandwidth: this machine's buffers hold whole pictures.
                listener.ReceiveBufferSize = NarrowBuffer;
            }

            listener.Bind(listen);
            listener.Listen();
            return new FaultProxy(listener, target, options);
        }
        catch (SocketException)
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Does the same on loopback, for a target on loopback.</summary>
    public static FaultProxy Start(int targetPort, FaultOptions options) =>
        Start(new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.Loopback, targetPort), options);

    /// <summary>Stops listening and resets the open connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        await stopping.CancelAsync();
        listener.Dispose();
        await accepting;
        await Task.WhenAll(running.Values);
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(stopping.Token);
                var number = counters.Connect();
                running[number] = RunAsync(number, client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener is closed.
        }
    }

    private async Task RunAsync(int number, Socket client)
    {
        // Registered before it can end.
        await Task.Yield();
        var server = options.NewSocket();
        using (var connection = new ProxiedConnection(client, server, options, stopping.Token))
        {
            try
            {
                client.NoDelay = server.NoDelay = true;
                await server.ConnectAsync(target, stopping.Token);

                // The kernel accepts at once, so the client already considers the connection open. A real network would
                // need a round trip for that, so the first bytes are delayed by that time.
                await DelayLine.Until(
                    Stopwatch.GetTimestamp() + (long)(2 * options.Delay.TotalSeconds * Stopwatch.Frequency),
                    stopping.Token);
                var agreed = new Agreement();
                await connection.RunAsync(
                    new Relay(connection, Direction.Up, agreed, Plan(Direction.Up), up, counters),
                    new Relay(connection, Direction.Down, agreed, Plan(Direction.Down), down, counters));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The target is not reachable: the client's connection is reset.
                connection.End(Ending.Reset);
            }
        }

        running.TryRemove(number, out _);
        FaultPlan Plan(Direction direction) => new(options, number, direction);
    }
}
