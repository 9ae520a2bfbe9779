using System.Net;

namespace Node.Hosting;

/// <summary>The maximum numbers of a server's connections.</summary>
/// <param name="Most">In total.</param>
/// <param name="MostPerAddress">
/// Per address, or per /64 network of IPv6. Loopback has no such limit: all clients of a proxy on this machine connect
/// from there.
/// </param>
public sealed record ConnectionLimits(long Most, long MostPerAddress)
{
    /// <summary>
    /// The number of connections beyond <see cref="Most"/> while every connection has a request. They serve only
    /// requests that are allowed with <see cref="LimitedConnection.IsReserve"/>.
    /// </summary>
    public long Reserve { get; init; }

    /// <summary>The timeout for a connection's first byte; null if another layer enforces it.</summary>
    public TimeSpan? FirstByte { get; init; }

    /// <summary>Returns whether an address is exempt from the limit per address, such as a trusted proxy.</summary>
    public Func<IPAddress, bool> IsExempt { get; init; } = _ => false;
}
