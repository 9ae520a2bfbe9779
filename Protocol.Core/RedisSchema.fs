namespace Protocol.Core

open System

/// A Redis address: redis = [ "redis" [ "s" ] "://" [ user ":" password "@" ] ] host [ ":" port ] [ "/" database ]
type RedisPlace =
    {
        Host: string
        /// 1 … 65535; 6379 by default.
        Port: int
        /// Empty if not given.
        User: string
        /// Empty if not given. Must not be logged.
        Password: string
        Database: int
        /// `rediss://`: over TLS.
        Tls: bool
    }

    /// Returns host and port only.
    override place.ToString() = $"{place.Host}:{place.Port}"

[<RequireQualifiedAccess>]
module RedisPlace =

    [<Literal>]
    let private Wanted =
        "a Redis is host:port or redis://user:password@host:port/database (rediss:// over TLS)"

    let private split (info: string) =
        match info.IndexOf ':' with
        | -1 -> "", Uri.UnescapeDataString info
        | at -> Uri.UnescapeDataString(info.Substring(0, at)), Uri.UnescapeDataString(info.Substring(at + 1))

    let private database (path: string) =
        match path.Trim '/' with
        | "" -> Some 0
        | text ->
            match Int32.TryParse text with
            | true, number when number >= 0 && number < 65536 -> Some number
            | _ -> None

    /// Parses an address. The error is one sentence without a full stop; it never repeats the input, which may contain
    /// a password.
    let tryParse (text: string) : Result<RedisPlace, string> =
        let text = text.Trim()
        let whole = if text.Contains "://" then text else $"redis://{text}"

        match Uri.TryCreate(whole, UriKind.Absolute) with
        | true, NonNull uri when
            (uri.Scheme = "redis" || uri.Scheme = "rediss")
            && uri.Host <> ""
            && uri.Query = ""
            ->
            match database uri.AbsolutePath with
            | None -> Error Wanted
            | Some database ->
                let user, password = split uri.UserInfo

                Ok
                    {
                        Host = uri.Host.Trim('[', ']')
                        Port = if uri.Port > 0 then uri.Port else 6379
                        User = user
                        Password = password
                        Database = database
                        Tls = (uri.Scheme = "rediss")
                    }
        | _ -> Error Wanted

/// The schema of the worker list that web nodes share in Redis: key names, and atomic steps as Redis scripts. Web nodes
/// and workers use it. All times are milliseconds since 1970 on Redis's clock, except an entry's stamp, which comes
/// from the clock of the web node that wrote it.
[<RequireQualifiedAccess>]
module RedisSchema =

    /// A hash: address → stamp SP ( "added" / "removed" ). The last write wins.
    [<Literal>]
    let Entries = "{recognition}:workers"

    /// A sorted set: address SP since, scored by the time when it expires unless renewed.
    [<Literal>]
    let Announced = "{recognition}:announced"

    /// A string that changes whenever `Entries` or `Announced` changes.
    [<Literal>]
    let Version = "{recognition}:version"

    /// A string that changes when Redis has lost its data.
    [<Literal>]
    let IncarnationId = "{recognition}:born"

    /// The channel that announces changes. The message text has no meaning.
    [<Literal>]
    let Changed = "{recognition}:changed"

    /// The lifetime of an announcement, in milliseconds.
    [<Literal>]
    let Lifetime = 5000

    /// The interval between a worker's announcements, in milliseconds.
    [<Literal>]
    let Heartbeat = 1000

    [<Literal>]
    let private Clock =
        "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) local stamp = t[1] .. '.' .. t[2] "

    /// KEYS: Announced, Version. ARGV: address, since (empty the first time), Lifetime, Changed. Returns since.
    [<Literal>]
    let Announce =
        Clock
        + "local since = ARGV[2] if since == '' then since = string.format('%.0f', now) end "
        + "if redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), ARGV[1] .. ' ' .. since) == 1 then "
        + "redis.call('SET', KEYS[2], stamp) redis.call('PUBLISH', ARGV[4], '') end "
        + "return since"

    /// KEYS: Announced, Version. ARGV: address, since, Changed.
    [<Literal>]
    let Leave =
        Clock
        + "if redis.call('ZREM', KEYS[1], ARGV[1] .. ' ' .. ARGV[2]) == 1 then "
        + "redis.call('SET', KEYS[2], stamp) redis.call('PUBLISH', ARGV[3], '') end "
        + "return 1"

    /// KEYS: Entries, Announced, Version, IncarnationId. ARGV: the known version, Changed. Returns the version and, if
    /// it has changed, IncarnationId, the entries (address, text, …), the announcements.
    [<Literal>]
    let Read =
        Clock
        + "redis.call('SET', KEYS[4], stamp, 'NX') "
        + "if redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. string.format('%.0f', now)) > 0 then "
        + "redis.call('SET', KEYS[3], stamp) redis.call('PUBLISH', ARGV[2], '') end "
        + "redis.call('SET', KEYS[3], stamp, 'NX') "
        + "local version = redis.call('GET', KEYS[3]) "
        + "if version == ARGV[1] then return { version } end "
        + "return { version, redis.call('GET', KEYS[4]), redis.call('HGETALL', KEYS[1]), redis.call('ZRANGE', KEYS[2], 0, -1) }"

    /// KEYS: Entries, Version. ARGV: Changed, and for each entry address, stamp, word. Skips older entries.
    [<Literal>]
    let Write =
        Clock
        + "local changed = 0 "
        + "for i = 2, #ARGV, 3 do "
        + "local old = redis.call('HGET', KEYS[1], ARGV[i]) "
        + "if not old or tonumber(string.match(old, '^%d+') or '0') < tonumber(ARGV[i + 1]) then "
        + "redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2]) changed = changed + 1 end end "
        + "if changed > 0 then redis.call('SET', KEYS[2], stamp) redis.call('PUBLISH', ARGV[1], '') end "
        + "return changed"
