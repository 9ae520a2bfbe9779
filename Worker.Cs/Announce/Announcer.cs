using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using Transport.Redis;
using Worker.Settings;
using Worker.Telemetry;

namespace Worker.Announce;

/// <summary>
/// Announces a ready worker every second in the web nodes' shared list, and removes it when the worker stops. Logs a
/// failure once and retries; that includes the first DNS lookup of the Redis host.
/// </summary>
internal sealed class Announcer : IAsyncDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(RedisSchema.Heartbeat);

    private readonly WorkerSettings settings;
    private readonly IPEndPoint listening;
    private readonly RedisAddress redisAddress;
    private readonly Readiness readiness;
    private readonly ILogger logger;
    private readonly CancellationTokenSource ending = new();
    private readonly Task running;
    private ConnectionMultiplexer? redis;
    private string? address;
    private string since = "";
    private bool announced;
    private bool failing;

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
        using var timer = new PeriodicTimer(Often);
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
            if (!failing)
            {
                AnnounceLog.Fails(logger, redisAddress.ToString(), e.Message);
                failing = true;
            }
        }
    }

    private async Task AnnounceAsync()
    {
        if (address is null)
        {
            address = settings.AnnounceAs.Length > 0 ? settings.AnnounceAs
                : $"{(settings.Tls is null ? "" : "tls://")}{await OwnAsync()}";
            AnnounceLog.Begins(logger, address, redisAddress.ToString());
        }

        redis ??= await ConnectionMultiplexer.ConnectAsync(Options());
        var said = await redis.GetDatabase(redisAddress.Database).ScriptEvaluateAsync(
            RedisSchema.Announce, Keys, [address, since, RedisSchema.Lifetime, RedisSchema.Changed]);
        since = said.ToString();
        announced = true;
        if (failing)
        {
            AnnounceLog.Back(logger, redisAddress.ToString());
            failing = false;
        }
    }

    private async Task LeaveListAsync()
    {
        var database = redis!.GetDatabase(redisAddress.Database);
        await database.ScriptEvaluateAsync(RedisSchema.Leave, Keys, [address, since, RedisSchema.Changed]);
        announced = false;
    }

    private static RedisKey[] Keys => [RedisSchema.Announced, RedisSchema.Version];

    /// <summary>Returns the bound address; for a wildcard, the address from which this machine reaches Redis.</summary>
    private async Task<IPEndPoint> OwnAsync()
    {
        if (!listening.Address.Equals(IPAddress.Any) && !listening.Address.Equals(IPAddress.IPv6Any))
        {
            return listening;
        }

        // Connecting a datagram socket sends nothing, but sets its local address.
        using var probe = new Socket(SocketType.Dgram, ProtocolType.Udp);
        await probe.ConnectAsync(redisAddress.Host, redisAddress.Port, ending.Token);
        var own = ((IPEndPoint)probe.LocalEndPoint!).Address;
        return new IPEndPoint(own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own, listening.Port);
    }

    private ConfigurationOptions Options()
    {
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            ConnectTimeout = RedisSchema.Heartbeat,
            AsyncTimeout = RedisSchema.Heartbeat,
            ConnectRetry = 1,
            ReconnectRetryPolicy = new LinearRetry(250),
            BacklogPolicy = BacklogPolicy.FailFast,
            Ssl = redisAddress.Tls,
            ClientName = "recognition-worker",
            User = redisAddress.User,
            Password = redisAddress.Password,
        };
        options.EndPoints.Add(redisAddress.Host, redisAddress.Port);
        return options;
    }
}
