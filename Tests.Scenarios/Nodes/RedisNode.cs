using System.ComponentModel;
using System.Net;
using StackExchange.Redis;
using Transport.Redis;

namespace Scenarios.Nodes;

/// <summary>A redis-server on loopback without persistence: it is empty after a restart.</summary>
internal sealed class RedisNode : IDisposable
{
    private readonly IPEndPoint address = new(IPAddress.Loopback, Ports.Free());
    private NodeProcess? process;

    /// <summary>The address in the form that web nodes accept.</summary>
    public string Address => $"redis://{address}";

    /// <summary>Starts it; returns when it listens.</summary>
    /// <returns>False if this machine has no redis-server.</returns>
    public async Task<bool> StartAsync()
    {
        try
        {
            process = NodeProcess.Start(
                "redis-server", "--port", $"{address.Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no");
        }
        catch (Win32Exception)
        {
            return false;
        }

        await process.UntilAsync("listening", () => Place.Here.ReachesAsync(address));
        return true;
    }

    /// <summary>Kills it at once (SIGKILL), with all its data.</summary>
    public void Kill()
    {
        process?.Dispose();
        process = null;
    }

    /// <summary>Returns the number of workers in the shared list, including those that an operator removed.</summary>
    public async Task<long> EntriesAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(address.ToString());
        return await connection.GetDatabase().HashLengthAsync(RedisSchema.Entries);
    }

    /// <inheritdoc/>
    public void Dispose() => Kill();
}
