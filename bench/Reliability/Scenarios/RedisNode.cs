using System.ComponentModel;
using System.Net;
using Bench.Nodes;
using Protocol.Core;
using StackExchange.Redis;

namespace Reliability.Scenarios;

/// <summary>A redis-server on loopback that keeps nothing on disk: it comes back empty.</summary>
internal sealed class RedisNode : IDisposable
{
    private readonly IPEndPoint address = new(IPAddress.Loopback, Ports.Free());
    private NodeProcess? process;

    /// <summary>As web nodes take it.</summary>
    public string Address => $"redis://{address}";

    /// <summary>Until it listens.</summary>
    /// <returns>No where this machine has no redis-server.</returns>
    public async Task<bool> StartAsync()
    {
        try
        {
            process = NodeProcess.Start("redis-server", "--port", $"{address.Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no");
        }
        catch (Win32Exception)
        {
            return false;
        }

        await process.UntilAsync("listening", () => Place.Here.ReachesAsync(address));
        return true;
    }

    /// <summary>At once (SIGKILL), with all that it holds.</summary>
    public void Kill()
    {
        process?.Dispose();
        process = null;
    }

    /// <summary>How many workers the shared list in it has, those that an operator removed included.</summary>
    public async Task<long> EntriesAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(address.ToString());
        return await connection.GetDatabase().HashLengthAsync(RedisSchema.Entries);
    }

    /// <inheritdoc/>
    public void Dispose() => Kill();
}
