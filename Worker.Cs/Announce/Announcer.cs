using System.Net;
using System.Net.Sockets;
using Protocol.Core;
using StackExchange.Redis;
using Worker.Settings;
using Worker.Telemetry;

namespace Worker.Announce;

/// <summary>
/// Says every second in the web nodes' shared list that this worker is there, while it is ready; takes it back when the
/// worker is told to stop. Where it can't, it goes on trying, and says so once.
/// </summary>
internal sealed class Announcer : IAsyncDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(SharedList.Heartbeat);

    private readonly string address;
    private readonly RedisPlace place;
    private readonly Readiness readiness;
    private readonly ILogger logger;
    private readonly CancellationTokenSource ending = new();
    private readonly Task running;
    private string since = "";
    private bool announced;
    private bool failing;

    private Announcer(string address, RedisPlace place, Readiness readiness, ILogger logger)
    {
        (this.address, this.place, this.readiness, this.logger) = (address, place, readiness, logger);
        running = RunAsync();
    }

    /// <summary>
    /// Begins, where the settings name a Redis; else null. <paramref name="listening"/> is where the worker really listens.
    /// </summary>
    public static Announcer? Start(WorkerSettings settings, IPEndPoint listening, Readiness readiness, ILogger logger)
    {
        if (settings.Announce is not { } place)
        {
            return null;
        }

        var address = settings.AnnounceAs.Length > 0 ? settings.AnnounceAs
            : $"{(settings.Tls is null ? "" : "tls://")}{Own(listening, place)}";
        AnnounceLog.Begins(logger, address, place.ToString());
        return new Announcer(address, place, readiness, logger);
    }

    /// <summary>Takes the worker off the list, at once.</summary>
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

    /// <summary>One that listens on every address is reached by the one from which this machine reaches the Redis.</summary>
    private static IPEndPoint Own(IPEndPoint listening, RedisPlace place)
    {
        if (!listening.Address.Equals(IPAddress.Any) && !listening.Address.Equals(IPAddress.IPv6Any))
        {
            return listening;
        }

        // A datagram socket that is connected sends nothing, and knows its own address.
        using var probe = new Socket(SocketType.Dgram, ProtocolType.Udp);
        probe.Connect(place.Host, place.Port);
        var own = ((IPEndPoint)probe.LocalEndPoint!).Address;
        return new IPEndPoint(own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own, listening.Port);
    }

    private async Task RunAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Options());
        using var timer = new PeriodicTimer(Often);
        try
        {
            do
            {
                await TryAsync(redis, readiness.IsReady);
            }
            while (await timer.WaitForNextTickAsync(ending.Token));
        }
        catch (OperationCanceledException)
        {
            await TryAsync(redis, false);
        }
    }

    private async Task TryAsync(ConnectionMultiplexer redis, bool ready)
    {
        try
        {
            await SayAsync(redis.GetDatabase(place.Database), ready);
            if (failing)
            {
                AnnounceLog.Back(logger, place.ToString());
                failing = false;
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            if (!failing)
            {
                AnnounceLog.Fails(logger, place.ToString(), e.Message);
                failing = true;
            }
        }
    }

    private async Task SayAsync(IDatabase database, bool ready)
    {
        RedisKey[] keys = [SharedList.Announced, SharedList.Version];
        if (ready)
        {
            var said = await database.ScriptEvaluateAsync(
                SharedList.Announce, keys, [address, since, SharedList.Lifetime, SharedList.Changed]);
            since = said.ToString();
            announced = true;
        }
        else if (announced)
        {
            await database.ScriptEvaluateAsync(SharedList.Leave, keys, [address, since, SharedList.Changed]);
            announced = false;
        }
    }

    private ConfigurationOptions Options()
    {
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            ConnectTimeout = SharedList.Heartbeat,
            AsyncTimeout = SharedList.Heartbeat,
            ConnectRetry = 1,
            ReconnectRetryPolicy = new LinearRetry(250),
            BacklogPolicy = BacklogPolicy.FailFast,
            Ssl = place.Tls,
            ClientName = "recognition-worker",
            User = place.User.Length > 0 ? place.User : null,
            Password = place.Password.Length > 0 ? place.Password : null,
        };
        options.EndPoints.Add(place.Host, place.Port);
        return options;
    }
}
