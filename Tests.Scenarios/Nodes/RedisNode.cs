using System.ComponentModel;
using System.Net;
using Node.Hosting.Redis;
using StackExchange.Redis;

namespace Scenarios.Nodes;

/// <summary>
/// A redis-server on loopback with a password and without persistence: it is empty after a restart.
/// </summary>
internal sealed class RedisNode : IDisposable
{
    /// <summary>The password, which no node may write to its log.</summary>
    public const string Password = "redis-7d1f0c5e-secret";

    private readonly IPEndPoint address = new(IPAddress.Loopback, Ports.Free());
    private NodeProcess? process;

    /// <summary>The address in the form that nodes accept.</summary>
    public string Address => $"redis://:{Password}@{address}";

    /// <summary>Starts it, for the first time or after <see cref="Kill"/>; returns when it listens.</summary>
    /// <exception cref="InvalidOperationException">This machine has no redis-server.</exception>
    public async Task StartAsync()
    {
        try
        {
            process = NodeProcess.Start(
                "redis-server",
                "--port", $"{address.Port}",
                "--bind", "127.0.0.1",
                "--requirepass", Password,
                "--save", "",
                "--appendonly", "no");
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("redis-server can't be started: install it.", e);
        }

        await process.UntilAsync("listening", () => Place.Here.ReachesAsync(address));
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
        var options = new ConfigurationOptions { EndPoints = { address }, Password = Password };
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        return await connection.GetDatabase().HashLengthAsync(new RedisSchema("").Entries);
    }

    /// <inheritdoc/>
    public void Dispose() => Kill();
}
