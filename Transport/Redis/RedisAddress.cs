using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Transport.Redis;

/// <summary>
/// A Redis address: <c>[ "redis" [ "s" ] "://" [ user ":" password "@" ] ] host [ ":" port ] [ "/" database ]</c>.
/// </summary>
/// <param name="Host">The host.</param>
/// <param name="Port">1 … 65535; 6379 by default.</param>
/// <param name="User">Null if not given.</param>
/// <param name="Password">Null if not given. Must not be logged.</param>
/// <param name="Database">0 … 65535; 0 by default.</param>
/// <param name="Tls"><c>rediss://</c>: over TLS.</param>
public sealed record RedisAddress(string Host, int Port, string? User, string? Password, int Database, bool Tls)
{
    /// <summary>The valid forms.</summary>
    public const string Forms = "host:port or redis://user:password@host:port/database (rediss:// over TLS)";

    /// <summary>Parses an address.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RedisAddress? address)
    {
        var whole = text.Contains("://", StringComparison.Ordinal) ? text.Trim() : $"redis://{text.Trim()}";
        address = Uri.TryCreate(whole, UriKind.Absolute, out var uri)
            && uri is { Scheme: "redis" or "rediss", Host.Length: > 0, Query: "" }
            && TryDatabase(uri.AbsolutePath.Trim('/'), out var database)
                ? new(
                    uri.Host.Trim('[', ']'),
                    uri.Port > 0 ? uri.Port : 6379,
                    UserOf(uri.UserInfo),
                    PasswordOf(uri.UserInfo),
                    database,
                    uri.Scheme == "rediss")
                : null;
        return address is not null;
    }

    /// <summary>Returns host and port only.</summary>
    public override string ToString() => $"{Host}:{Port}";

    private static bool TryDatabase(string text, out ushort database) =>
        ushort.TryParse(text.Length == 0 ? "0" : text, NumberStyles.None, CultureInfo.InvariantCulture, out database);

    private static string? UserOf(string info) =>
        Part(info[..Math.Max(0, info.IndexOf(':', StringComparison.Ordinal))]);

    // A password alone needs no colon.
    private static string? PasswordOf(string info) => Part(info[(info.IndexOf(':', StringComparison.Ordinal) + 1)..]);

    private static string? Part(string escaped) => escaped.Length > 0 ? Uri.UnescapeDataString(escaped) : null;
}
