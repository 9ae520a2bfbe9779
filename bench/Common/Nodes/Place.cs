using System.Net;
using System.Net.Sockets;

namespace Bench.Nodes;

/// <summary>Where a node runs: on this machine itself, or in a network namespace.</summary>
/// <param name="Address">That the node listens on.</param>
/// <param name="Enter">The words before a command that runs it there; none for the machine itself.</param>
/// <param name="NewSocket">Makes a TCP socket whose home is there.</param>
public sealed record Place(IPAddress Address, IReadOnlyList<string> Enter, Func<Socket> NewSocket)
{
    /// <summary>This machine, on loopback.</summary>
    public static Place Here { get; } =
        new(IPAddress.Loopback, [], static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));

    /// <summary>Whether someone listens at <paramref name="node"/>, seen from here.</summary>
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
