using System.Net;

namespace Transport;

/// <summary>How many connections a server takes.</summary>
/// <param name="Most">Altogether.</param>
/// <param name="MostPerAddress">
/// From one address, or one /64 network of IPv6. Loopback has no such limit: a proxy on this machine has all its clients'
/// connections there.
/// </param>
public sealed record ConnectionLimits(long Most, long MostPerAddress)
{
    /// <summary>
    /// Beyond <see cref="Most"/>, when no connection is without a request: their requests are answered where
    /// <see cref="LimitedConnection.IsReserve"/> allows it.
    /// </summary>
    public long Reserve { get; init; }

    /// <summary>How long a connection may take to its first byte; null: another layer sees to that.</summary>
    public TimeSpan? FirstByte { get; init; }

    /// <summary>Whether an address has no limit of its own, as that of a trusted proxy.</summary>
    public Func<IPAddress, bool> IsExempt { get; init; } = _ => false;
}
