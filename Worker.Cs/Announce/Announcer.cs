using System.Net;
using System.Net.Sockets;
using Node.Hosting.Redis;
using Worker.Settings;
using Worker.Telemetry;

namespace Worker.Announce;

/// <summary>
/// Announces a ready worker every second in the web nodes' shared list, and removes it when the worker stops. Logs a
/// failure once and retries; that includes the first DNS lookup of the Redis host.
/// </summary>
internal sealed class Announcer : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(RedisSchema.Heartbeat);

    private readonly WorkerSettings settings;
    private readonly IPEndPoint listening;
    private readonly RedisAddress redisAddress;
    private readonly Readiness readiness;
    private readonly ILogger logger;
    private readonly CancellationTokenSource ending = new();
    private readonly Task running;

    private readonly OutageReasons reasons = new();

    private RedisConnection? redis;
    private string? address;
    private string since = "";
    private bool announced;

    private Announcer(
        WorkerSettings settings, IPEndPoint listening, RedisAddress redisAddress, Readiness readiness, ILogger logger)
    {
        this.settings = settings;
        this.listening = listening;
        this.redisAddress = redisAddress;
        this.readiness = readiness;
        this.logger = logger;
        running = RunAsync();
    }

    /// <summary>
    /// Starts to announce if the settings name a Redis; else returns null. <paramref name="listening"/> is the bound
    /// address.
    /// </summary>
    public static Announcer? Start(
        WorkerSettings settings, IPEndPoint listening, Readiness readiness, ILogger logger) =>
        settings.Announce is { } redis ? new Announcer(settings, listening, redis, readiness, logger) : null;

    /// <summary>Whether Redis took the last announcement.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Removes the worker from the list immediately.</summary>
    public Task LeaveAsync()
    {
        ending.Cancel();
        return running;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        ending.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                await TryAsync(readiness.IsReady);
            }
            while (await timer.WaitForNextTickAsync(ending.Token));
        }
        catch (OperationCanceledException)
        {
            await TryAsync(false);
        }
        finally
        {
            redis?.Dispose();
        }
    }

    private async Task TryAsync(bool ready)
    {
        try
        {
            if (ready)
            {
                await AnnounceAsync();
            }
            else if (announced)
            {
                await LeaveListAsync();
            }
        }
        catch (Exception e) when (!ending.IsCancellationRequested || e is not OperationCanceledException)
        {
            IsUp = false;
            var reason = redis?.Describe(e) ?? RedisConnection.Describe(e, redisAddress);
            if (reasons.TryAdd(reason))
            {
                AnnounceLog.NotAnnounced(logger, redisAddress.ToString(), reason);
            }
        }
    }

    private async Task AnnounceAsync()
    {
        address ??= settings.AnnounceAs.Length > 0 ? settings.AnnounceAs
            : $"{(settings.Tls is null ? "" : "tls://")}{await OwnAddressAsync()}";
        redis ??= await RedisConnection.ConnectAsync(redisAddress, "recognition-worker", ending.Token);
        var schema = redis.Schema;
        var registered = await redis.EvaluateAsync(
            RedisSchema.Announce,
            [schema.Announced, schema.Version],
            [address, since, RedisSchema.Lifetime, schema.Changed]);
        since = registered.ToString();
        IsUp = true;
        if (!announced)
        {
            AnnounceLog.Announced(logger, address, redisAddress.ToString());
        }
        else if (!reasons.IsEmpty)
        {
            AnnounceLog.Restored(logger, redisAddress.ToString());
        }

        announced = true;
        reasons.Clear();
    }

    private async Task LeaveListAsync()
    {
        var schema = redis!.Schema;
        await redis.EvaluateAsync(
            RedisSchema.Leave, [schema.Announced, schema.Version], [address, since, schema.Changed]);
        announced = false;
    }

    /// <summary>Returns the bound address; for a wildcard, the address from which this machine reaches Redis.</summary>
    private async Task<IPEndPoint> OwnAddressAsync()
    {
        if (!listening.Address.Equals(IPAddress.Any) && !listening.Address.Equals(IPAddress.IPv6Any))
        {
            return listening;
        }

        // Connecting a datagram socket sends nothing, but sets its local address.
        using var probe = new Socket(SocketType.Dgram, ProtocolType.Udp);
        await probe.ConnectAsync(redisAddress.Hosts[0].Host, redisAddress.Hosts[0].Port, ending.Token);
        var own = ((IPEndPoint)probe.LocalEndPoint!).Address;
        return new IPEndPoint(own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own, listening.Port);
    }
}
