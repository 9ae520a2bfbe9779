using System.Net.Security;
using Node.Hosting.Tls;
using StackExchange.Redis;

namespace Node.Hosting.Redis;

/// <summary>A node's connection to Redis. It is restored in the background after every failure.</summary>
public sealed class RedisConnection : IDisposable
{
    private readonly RedisAddress address;
    private readonly ConnectionMultiplexer multiplexer;
    private Exception? lastFailure;
    private volatile bool hasAnswered;

    private RedisConnection(RedisAddress address, ConnectionMultiplexer multiplexer)
    {
        (this.address, this.multiplexer) = (address, multiplexer);
        multiplexer.ConnectionFailed += (_, failed) => Volatile.Write(ref lastFailure, failed.Exception);
        multiplexer.ConnectionRestored += (_, _) => Restored?.Invoke();
    }

    /// <summary>Raised when the connection is restored.</summary>
    public event Action? Restored;

    /// <summary>The names of the keys, with the address's prefix.</summary>
    public RedisSchema Schema => new(address.Prefix);

    /// <summary>Returns why the address can't be used on this machine, in one line, or null.</summary>
    public static string? Check(RedisAddress address)
    {
        string? reason = null;
        return address.CaFile is { } ca && TrustStore.TryLoad(ca, TimeProvider.System, out reason) is null
            ? reason
            : null;
    }

    /// <summary>Connects without waiting longer than a second for an unreachable Redis.</summary>
    /// <exception cref="RedisException">No sentinel answers.</exception>
    public static async Task<RedisConnection> ConnectAsync(
        RedisAddress address, string clientName, CancellationToken cancel = default) =>
        new(address, await ConnectionMultiplexer.ConnectAsync(Options(address, clientName)).WaitAsync(cancel));

    /// <summary>Runs a script atomically.</summary>
    public async Task<RedisResult> EvaluateAsync(string script, string[] keys, RedisValue[] values)
    {
        var redisKeys = Array.ConvertAll(keys, key => (RedisKey)key);
        var result = await multiplexer.GetDatabase(address.Database).ScriptEvaluateAsync(script, redisKeys, values);
        hasAnswered = true;
        return result;
    }

    /// <summary>Calls <paramref name="changed"/> for every message on a channel.</summary>
    public Task SubscribeAsync(string channel, Action changed)
    {
        var literal = RedisChannel.Literal(channel);
        return multiplexer.GetSubscriber().SubscribeAsync(literal, (_, _) => changed(), CommandFlags.FireAndForget);
    }

    /// <summary>
    /// Returns whether an exception is about Redis or the way to it, which may pass, and not a fault of the program.
    /// </summary>
    public static bool IsExpected(Exception error) =>
        error is RedisException or RedisCommandException or TimeoutException;

    /// <summary>Describes an error in one line with its cause. It contains no password.</summary>
    public string Describe(Exception error) => Describe(error, Volatile.Read(ref lastFailure), address, hasAnswered);

    /// <summary>Describes an error of the first connection.</summary>
    public static string Describe(Exception error, RedisAddress address) => Describe(error, null, address, false);

    /// <inheritdoc/>
    public void Dispose() => multiplexer.Dispose();

    private static string Describe(Exception error, Exception? failure, RedisAddress address, bool hasAnswered)
    {
        var text = string.Join(' ', Chain(error).Concat(Chain(failure)).Select(each => each.Message));
        var cause = failure?.GetBaseException() switch
        {
            null => "it can't be reached",
            RedisConnectionException broken => $"it can't be reached ({broken.FailureType})",
            var other => Line(other.Message),
        };
        bool Has(string part) => text.Contains(part, StringComparison.Ordinal);
        return
            Has("NOPERM") ? $"the user lacks a permission: {Line(error.Message)}"
            : Has("NOAUTH") || Has("WRONGPASS") ? "wrong user or password"
            : Has("Multiple databases are not supported") ? $"a cluster has only database 0, not {address.Database}"
            : Has("database does not exist") || Has("DB index") ? $"there is no database {address.Database}"
            : Has("Sentinel: Failed connecting")
                ? $"its sentinels name no primary of '{address.Sentinel}' that can be reached"
            : Has("unknown command 'ECHO'") ? "it is a sentinel: add ?sentinel=NAME to the address"
            : Has("RESP protocol failure") ? "the port is not a Redis port"
            : error is not (RedisConnectionException or RedisTimeoutException or TimeoutException) ? Line(error.Message)
            : !address.Tls && (Has("Connection reset by peer") || Has("SocketClosed"))
                ? hasAnswered
                    ? "it closed the connection"
                    : "it closes the connection; a port that speaks TLS needs rediss://"
            : !address.Tls ? cause
            : $"no TLS handshake with a trusted certificate ({cause}); rediss:// needs a port that speaks TLS";
    }

    private static IEnumerable<Exception> Chain(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            yield return error;
        }
    }

    // StackExchange.Redis appends its thread statistics to the message.
    private static string Line(string message) =>
        message.Split(", mc: ")[0].Split(", inst: ")[0].Split("; SimpleError")[0].ReplaceLineEndings(" ").Trim();

    private static ConfigurationOptions Options(RedisAddress address, string clientName)
    {
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            ConnectTimeout = RedisSchema.Heartbeat,
            AsyncTimeout = RedisSchema.Heartbeat,
            ConnectRetry = 1,
            ReconnectRetryPolicy = new LinearRetry(250),
            // Commands fail at once while Redis is unreachable, since no request should wait for it.
            BacklogPolicy = BacklogPolicy.FailFast,
            Ssl = address.Tls,
            ClientName = clientName,
            User = address.User,
            Password = address.Password,
            ServiceName = address.Sentinel,
        };
        foreach (var host in address.Hosts)
        {
            options.EndPoints.Add(host.Host, host.Port);
        }

        if (address.CaFile is { } ca && TrustStore.TryLoad(ca, TimeProvider.System, out _) is { } trusted)
        {
            options.SslClientAuthenticationOptions = host => new SslClientAuthenticationOptions
            {
                TargetHost = host,
                CertificateChainPolicy = trusted.Policy(),
            };
        }

        return options;
    }
}
