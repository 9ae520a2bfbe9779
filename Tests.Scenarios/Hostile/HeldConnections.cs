using System.Net;
using System.Net.Sockets;

namespace Scenarios.Hostile;

/// <summary>
/// Connections to loopback that send as much as the node accepts, and stay open until they are disposed.
/// </summary>
internal sealed class HeldConnections : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<Socket> sockets = [];

    /// <summary>Opens the connections one after the other; each sends all of <paramref name="parts"/>.</summary>
    public static async Task<HeldConnections> OpenAsync(int port, int count, params byte[][] parts)
    {
        var held = new HeldConnections();
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            held.sockets.Add(socket);
            using var late = new CancellationTokenSource(Patience);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, late.Token);
                foreach (var part in parts)
                {
                    for (var rest = part.AsMemory(); !rest.IsEmpty;)
                    {
                        rest = rest[await socket.SendAsync(rest, late.Token)..];
                    }
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The server closed it in favour of others, or refused it.
            }
        }

        return held;
    }

    /// <inheritdoc/>
    public void Dispose() => sockets.ForEach(socket => socket.Dispose());
}
