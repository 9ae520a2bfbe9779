using System.Net;
using System.Net.Sockets;

namespace Node.Hosting;

/// <summary>Maps addresses to the networks that per-address limits count.</summary>
public static class ClientNetwork
{
    private const int Ipv6PrefixBytes = 8;

    /// <summary>
    /// Returns the IPv4 address, or the /64 network of an IPv6 address. Returns null for loopback and for a peer
    /// without an address: behind a proxy on this machine, or in tests, many clients share one loopback address.
    /// </summary>
    public static IPAddress? Of(IPAddress? address)
    {
        if (address is null || IPAddress.IsLoopback(address))
        {
            return null;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return Of(address.MapToIPv4());
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Ipv6PrefixBytes).Clear();
        return new IPAddress(bytes);
    }
}
