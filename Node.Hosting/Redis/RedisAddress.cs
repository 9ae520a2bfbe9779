using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Node.Hosting.Redis;

/// <summary>
/// A Redis address:
/// <c>[ "redis" [ "s" ] "://" [ [ user ":" ] password "@" ] ] host [ ":" port ] *( "," host [ ":" port ] )
/// [ "/" database ] [ "?" option *( "&amp;" option ) ]</c>. Several hosts are the nodes of a cluster, or sentinels.
/// </summary>
/// <param name="Hosts">The servers to connect to first, at least one.</param>
/// <param name="User">Null if not given.</param>
/// <param name="Password">Null if not given. Must not be logged.</param>
/// <param name="Database">0 … 65535; 0 by default.</param>
/// <param name="Tls"><c>rediss://</c>: over TLS.</param>
public sealed record RedisAddress(
    IReadOnlyList<DnsEndPoint> Hosts, string? User, string? Password, int Database, bool Tls)
{
    /// <summary>The valid forms.</summary>
    public const string Forms =
        "host:port[,host:port] or redis://user:password@host:port[,host:port]/database"
        + "?prefix=NAME&sentinel=NAME&ca=FILE, with rediss:// over TLS; each part but a host is optional";

    private const int DefaultPort = 6379;
    private const int DefaultSentinelPort = 26379;

    /// <summary>
    /// <c>prefix</c>: stands before the name of every key and channel, as <c>PREFIX:</c>. Empty by default.
    /// </summary>
    public string Prefix { get; init; } = "";

    /// <summary>
    /// <c>sentinel</c>: the service name for which the hosts, which are sentinels, name the primary; or null.
    /// </summary>
    public string? Sentinel { get; init; }

    /// <summary>
    /// <c>ca</c>: the PEM file of the authorities that issue the server's certificate; null for the machine's.
    /// </summary>
    public string? CaFile { get; init; }

    /// <summary>Parses an address.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RedisAddress? address)
    {
        address = null;
        var whole = text.Trim();
        var scheme = whole.Split("://", 2) is [var before, _] ? before : null;
        if (scheme is not (null or "redis" or "rediss"))
        {
            return false;
        }

        var (rest, query) = Cut(scheme is null ? whole : whole[(scheme.Length + "://".Length)..], '?');
        (rest, var path) = Cut(rest, '/');
        var at = rest.LastIndexOf('@');
        var info = at < 0 ? "" : rest[..at];
        if (!TryDatabase(path ?? "", out var database) || !TryOptions(query ?? "", out var options))
        {
            return false;
        }

        var sentinel = options.GetValueOrDefault("sentinel");
        var ca = options.GetValueOrDefault("ca");
        var port = sentinel is null ? DefaultPort : DefaultSentinelPort;
        var hosts = rest[(at + 1)..].Split(',').Select(host => Host(host, port)).ToArray();
        if (hosts.Any(host => host is null) || (ca is not null && scheme != "rediss"))
        {
            return false;
        }

        var isTls = scheme == "rediss";
        address = new RedisAddress([.. hosts.OfType<DnsEndPoint>()], UserOf(info), PasswordOf(info), database, isTls)
        {
            Prefix = options.GetValueOrDefault("prefix") ?? "",
            Sentinel = sentinel,
            CaFile = ca,
        };
        return true;
    }

    /// <summary>Returns hosts and ports only.</summary>
    public override string ToString() => string.Join(',', Hosts.Select(host =>
        host.Host.Contains(':', StringComparison.Ordinal) ? $"[{host.Host}]:{host.Port}" : $"{host.Host}:{host.Port}"));

    private static (string Before, string? After) Cut(string text, char mark) =>
        text.Split(mark, 2) is [var before, var after] ? (before, after) : (text, null);

    private static DnsEndPoint? Host(string text, int port) =>
        Uri.TryCreate($"redis://{text.Trim()}", UriKind.Absolute, out var uri)
        && uri is { Host.Length: > 0, UserInfo: "", AbsolutePath: "" or "/", Query: "" }
            ? new DnsEndPoint(uri.Host.Trim('[', ']'), uri.Port > 0 ? uri.Port : port)
            : null;

    private static bool TryOptions(string text, out Dictionary<string, string> options)
    {
        options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Cut(option, '=') is not (("prefix" or "sentinel" or "ca") and var name, { Length: > 0 } value)
                || !options.TryAdd(name, Uri.UnescapeDataString(value)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryDatabase(string text, out ushort database) =>
        ushort.TryParse(text.Length == 0 ? "0" : text, NumberStyles.None, CultureInfo.InvariantCulture, out database);

    private static string? UserOf(string info) =>
        Part(info[..Math.Max(0, info.IndexOf(':', StringComparison.Ordinal))]);

    // A password alone needs no colon.
    private static string? PasswordOf(string info) => Part(info[(info.IndexOf(':', StringComparison.Ordinal) + 1)..]);

    private static string? Part(string escaped) => escaped.Length > 0 ? Uri.UnescapeDataString(escaped) : null;
}
