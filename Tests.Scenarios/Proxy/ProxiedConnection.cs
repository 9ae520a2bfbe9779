using System.Net.Sockets;
using System.Threading.Channels;

namespace Scenarios.Proxy;

/// <summary>Two sockets, owned by this object, and the traffic between them until <paramref name="stop"/>.</summary>
internal sealed class ProxiedConnection(
    Socket client, Socket server, FaultOptions options, CancellationToken stop) : IDisposable
{
    // Together with the relay's chunks, 4 MiB in transit in each direction.
    private const int MostChunks = 256;

    private readonly CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);

    /// <summary>Discards everything that arrives from now on.</summary>
    public bool Swallows { get; set; }

    /// <summary>Runs until both directions have ended.</summary>
    public Task RunAsync(Relay up, Relay down)
    {
        // Get both streams before either direction runs: a socket with one direction shut down gives no stream.
        var (fromClient, fromServer) = (new NetworkStream(client), new NetworkStream(server));
        return Task.WhenAll(RunAsync(up, fromClient, server), RunAsync(down, fromServer, client));
    }

    /// <summary>Ends both directions at once; does nothing if they have ended.</summary>
    public void End(Ending how)
    {
        ended.Cancel();
        foreach (var socket in (Socket[])[client, server])
        {
            try
            {
                if (how == Ending.Reset)
                {
                    socket.LingerState = new LingerOption(true, 0);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It has ended already.
            }

            socket.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End(stop.IsCancellationRequested ? Ending.Reset : Ending.Closed);
        ended.Dispose();
    }

    private Task RunAsync(Relay relay, NetworkStream from, Socket to)
    {
        var road = Channel.CreateBounded<ProxiedChunk>(
            new BoundedChannelOptions(MostChunks) { SingleReader = true, SingleWriter = true });
        return Task.WhenAll(relay.RunAsync(from, road.Writer, ended.Token), DeliverAsync(road.Reader, to));
    }

    private async Task DeliverAsync(ChannelReader<ProxiedChunk> road, Socket to)
    {
        try
        {
            await foreach (var chunk in road.ReadAllAsync(ended.Token))
            {
                await DelayLine.Until(chunk.Due, ended.Token);
                var whole = chunk.Join ? await JoinAsync(chunk, road) : chunk;
                if (whole.End is { } how)
                {
                    Finish(to, how);
                    return;
                }

                await to.SendAsync(whole.Bytes, ended.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            End(Ending.Reset);
        }
        catch (OperationCanceledException)
        {
            // The other direction ended both.
        }
    }

    private void Finish(Socket to, Ending how)
    {
        if (how == Ending.Finished)
        {
            to.Shutdown(SocketShutdown.Send);
        }
        else
        {
            End(how);
        }
    }

    private async ValueTask<ProxiedChunk> JoinAsync(ProxiedChunk first, ChannelReader<ProxiedChunk> road)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
        late.CancelAfter(options.JoinWithin);
        try
        {
            await road.WaitToReadAsync(late.Token);
            return road.TryPeek(out var next) && next.End is null && road.TryRead(out next)
                ? new ProxiedChunk(first.Due, [.. first.Bytes, .. next.Bytes])
                : first;
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            return first;
        }
    }
}
