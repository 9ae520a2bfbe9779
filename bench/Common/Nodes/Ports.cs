using System.Net;
using System.Net.Sockets;

namespace Bench.Nodes;

/// <summary>
/// Ports for nodes that end and come back. They lie below those that the kernel gives to outgoing connections: one
/// of those would take a dead node's port, and a connection to it could even meet itself.
/// </summary>
public static class Ports
{
    private const int First = 20_000;
    private const int Count = 10_000;

    private static int next = Random.Shared.Next(Count);

    /// <summary>One that nobody listens on now, and that this process was not given before.</summary>
    public static int Free()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + ((int)((uint)Interlocked.Increment(ref next) % Count));
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No port from {First} to {First + Count - 1} is free.");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
