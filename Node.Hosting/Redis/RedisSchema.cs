namespace Node.Hosting.Redis;

/// <summary>
/// The schema of the worker list that web nodes share in Redis: key names, and atomic steps as Redis scripts. All times
/// are milliseconds since 1970 on Redis's clock, except an entry's stamp, which comes from the clock of the web node
/// that wrote it.
/// </summary>
/// <param name="prefix">
/// The prefix of every key, followed by a colon, so that several services can share a Redis; empty for none.
/// </param>
public sealed class RedisSchema(string prefix)
{
    // The braces keep all keys on one node of a cluster, as the scripts require.
    private readonly string root = prefix.Length == 0 ? "{recognition}" : $"{prefix}:{{recognition}}";

    /// <summary>A hash: address → stamp SP ( "added" / "removed" ). The last write wins.</summary>
    public string Entries => $"{root}:workers";

    /// <summary>
    /// A sorted set: address SP since, scored by the time when it expires unless renewed. A worker that stops removes
    /// its own; one that has expired stays for <see cref="Retention"/>, so that the web nodes can tell the two apart.
    /// </summary>
    public string Announced => $"{root}:announced";

    /// <summary>
    /// A string that changes whenever <see cref="Entries"/> or <see cref="Announced"/> changes.
    /// </summary>
    public string Version => $"{root}:version";

    /// <summary>A string that changes when Redis has lost its data.</summary>
    public string IncarnationId => $"{root}:born";

    /// <summary>The channel that announces changes. The message text has no meaning.</summary>
    public string Changed => $"{root}:changed";

    /// <summary>How long an expired announcement is kept, in milliseconds.</summary>
    public const int Retention = 86_400_000;

    /// <summary>The lifetime of an announcement, in milliseconds.</summary>
    public const int Lifetime = 5000;

    /// <summary>The interval between a worker's announcements, in milliseconds.</summary>
    public const int Heartbeat = 1000;

    /// <summary>
    /// KEYS: Announced, Version. ARGV: address, since (empty the first time), Lifetime, Changed. Returns since.
    /// </summary>
    public const string Announce = Clock + """
        local since = ARGV[2]
        if since == '' then since = string.format('%.0f', now) end
        local member = ARGV[1] .. ' ' .. since
        local before = redis.call('ZSCORE', KEYS[1], member)
        redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), member)
        if not before or tonumber(before) < now then
            redis.call('SET', KEYS[2], stamp)
            redis.call('PUBLISH', ARGV[4], '')
        end
        return since
        """;

    /// <summary>KEYS: Announced, Version. ARGV: address, since, Changed.</summary>
    public const string Leave = Clock + """
        if redis.call('ZREM', KEYS[1], ARGV[1] .. ' ' .. ARGV[2]) == 1 then
            redis.call('SET', KEYS[2], stamp)
            redis.call('PUBLISH', ARGV[3], '')
        end
        return 1
        """;

    /// <summary>
    /// KEYS: Entries, Announced, Version, IncarnationId. ARGV: the known version, Retention. Returns the version, which
    /// depends on what has expired, and, if it has changed, IncarnationId, the entries (address, text, …), the current
    /// announcements and the expired ones.
    /// </summary>
    public const string Read = Clock + """
        local time = string.format('%.0f', now)
        redis.call('SET', KEYS[4], stamp, 'NX')
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now - ARGV[2]))
        redis.call('SET', KEYS[3], stamp, 'NX')
        local expired = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. time)
        local version = redis.call('GET', KEYS[3])
        if #expired > 0 then version = version .. ' ' .. redis.sha1hex(table.concat(expired, ' ')) end
        if version == ARGV[1] then return { version } end
        return {
            version, redis.call('GET', KEYS[4]), redis.call('HGETALL', KEYS[1]),
            redis.call('ZRANGEBYSCORE', KEYS[2], time, '+inf'), expired
        }
        """;

    /// <summary>
    /// KEYS: Entries, Version. ARGV: Changed, and for each entry address, stamp, word. Skips older entries.
    /// </summary>
    public const string Write = Clock + """
        local changed = 0
        for i = 2, #ARGV, 3 do
            local old = redis.call('HGET', KEYS[1], ARGV[i])
            if not old or tonumber(string.match(old, '^%d+') or '0') < tonumber(ARGV[i + 1]) then
                redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2])
                changed = changed + 1
            end
        end
        if changed > 0 then
            redis.call('SET', KEYS[2], stamp)
            redis.call('PUBLISH', ARGV[1], '')
        end
        return changed
        """;

    private const string Clock = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local stamp = t[1] .. '.' .. t[2]

        """;
}
