using System.Net;
using System.Net.Sockets;

namespace Scenarios.Nodes;

/// <summary>The place where a node runs: this machine itself, or a network namespace.</summary>
/// <param name="Address">The address that the node listens on.</param>
/// <param name="Enter">The command prefix that runs a command there; empty for the machine itself.</param>
/// <param name="NewSocket">Creates a TCP socket in this place.</param>
public sealed record Place(IPAddress Address, IReadOnlyList<string> Enter, Func<Socket> NewSocket)
{
    /// <summary>This machine, on loopback.</summary>
    public static Place Here { get; } = new(
        IPAddress.Loopback,
        [],
        static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));

    /// <summary>Returns whether <paramref name="node"/> accepts connections from here.</summary>
    public async Task<bool> ReachesAsync(IPEndPoint node)
    {
        using var socket = NewSocket();
        try
        {
            await socket.ConnectAsync(node);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
