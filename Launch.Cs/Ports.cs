using System.Net;
using System.Net.Sockets;

namespace Launch;

/// <summary>Checks whether a program listens on a port of this machine.</summary>
internal static class Ports
{
    /// <summary>Returns whether a connection to the port on either loopback address succeeds.</summary>
    public static bool IsTaken(int port) =>
        Connects(IPAddress.Loopback, port) || Connects(IPAddress.IPv6Loopback, port);

    private static bool Connects(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(address, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
