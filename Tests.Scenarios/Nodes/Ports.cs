using System.Net;
using System.Net.Sockets;

namespace Scenarios.Nodes;

/// <summary>
/// Ports for nodes that end and restart. They are below the kernel's ephemeral ports: an outgoing connection could take
/// a stopped node's port, or even connect to itself.
/// </summary>
public static class Ports
{
    private const int First = 20_000;
    private const int Count = 10_000;

    private static int next = Random.Shared.Next(Count);

    /// <summary>Returns a port that is free now and that this process has not used before.</summary>
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

    /// <summary>
    /// Returns the first of <paramref name="count"/> consecutive ports that are free now and that this process has not used
    /// before.
    /// </summary>
    public static int FreeRange(int count)
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var last = (int)((uint)Interlocked.Add(ref next, count) % Count);
            var first = First + last - count + 1;
            if (last >= count && Enumerable.Range(first, count).All(IsFree))
            {
                return first;
            }
        }

        throw new InvalidOperationException($"No {count} ports in a row from {First} to {First + Count - 1} are free.");
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
