using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Node.Hosting;

/// <summary>
/// Limits a server's connections, in total and per address. At the limit, a new connection replaces the oldest one that
/// has never sent a request, or else the oldest idle one. Silent connections therefore cannot block others.
/// </summary>
/// <param name="limits">The limits.</param>
/// <param name="clock">Measures the time to the first byte.</param>
public sealed class ConnectionLimiter(ConnectionLimits limits, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly LinkedList<LimitedConnection> silent = [];
    private readonly LinkedList<LimitedConnection> idle = [];
    private readonly Dictionary<IPAddress, long> countByNetwork = [];
    private long count;

    /// <summary>The number of open connections.</summary>
    public long Count => Interlocked.Read(ref count);

    /// <summary>The connection middleware. It must precede all others.</summary>
    public ConnectionDelegate Limit(ConnectionDelegate next) => async connection =>
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        var network = address is null || limits.IsExempt(address) ? null : ClientNetwork.Of(address);
        var limited = new LimitedConnection(this, connection, network);
        if (!TryEnter(limited))
        {
            connection.Abort(new ConnectionAbortedException("There are too many connections."));
            return;
        }

        connection.Items[typeof(LimitedConnection)] = limited;
        try
        {
            if (limits.FirstByte is not { } most || await BeginsWithinAsync(connection.Transport.Input, most))
            {
                await next(connection);
            }
            else
            {
                connection.Abort(new ConnectionAbortedException("No byte arrived in time."));
            }
        }
        finally
        {
            Leave(limited);
        }
    };

    internal void Begin(LimitedConnection limited)
    {
        lock (gate)
        {
            limited.Requests++;
            limited.Place.List?.Remove(limited.Place);
        }
    }

    internal void End(LimitedConnection limited)
    {
        lock (gate)
        {
            if (--limited.Requests == 0 && limited.IsCounted && limited.Place.List is null)
            {
                idle.AddLast(limited.Place);
            }
        }
    }

    private async ValueTask<bool> BeginsWithinAsync(PipeReader input, TimeSpan most)
    {
        using var timer = new CancellationTokenSource(most, clock);
        try
        {
            var read = await input.ReadAsync(timer.Token);
            input.AdvanceTo(read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            return false;
        }
    }

    private bool TryEnter(LimitedConnection limited)
    {
        LimitedConnection? displaced = null;
        lock (gate)
        {
            if (limited.Network is { } network && countByNetwork.GetValueOrDefault(network) >= limits.MostPerAddress)
            {
                return false;
            }

            if (count >= limits.Most)
            {
                displaced = (silent.First ?? idle.First)?.Value;
                if (displaced is not null)
                {
                    Remove(displaced);
                }
                else if (count >= limits.Most + limits.Reserve)
                {
                    return false;
                }

                // If a connection above the limit was replaced, the new one is in the reserve too.
                limited.IsReserve = count >= limits.Most;
            }

            limited.IsCounted = true;
            silent.AddLast(limited.Place);
            Add(limited, 1);
        }

        displaced?.Close();
        return true;
    }

    private void Leave(LimitedConnection limited)
    {
        lock (gate)
        {
            Remove(limited);
        }
    }

    private void Remove(LimitedConnection limited)
    {
        if (limited.IsCounted)
        {
            limited.IsCounted = false;
            limited.Place.List?.Remove(limited.Place);
            Add(limited, -1);
        }
    }

    private void Add(LimitedConnection limited, long difference)
    {
        count += difference;
        if (limited.Network is { } network)
        {
            var sum = countByNetwork.GetValueOrDefault(network) + difference;
            if (sum > 0)
            {
                countByNetwork[network] = sum;
            }
            else
            {
                countByNetwork.Remove(network);
            }
        }
    }
}
