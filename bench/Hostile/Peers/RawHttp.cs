using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hostile.Peers;

/// <summary>What a server said to bytes that no HTTP client sends.</summary>
/// <param name="Statuses">Of every answer on the connection.</param>
/// <param name="Text">All of it, Latin-1.</param>
internal sealed record RawHttp(IReadOnlyList<int> Statuses, string Text)
{
    /// <summary>Sends <paramref name="request"/>, Latin-1, in one go; reads until the server closes or is quiet.</summary>
    public static async Task<RawHttp> AskAsync(int port, string request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var said = new StringBuilder();
        try
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(request));
            var buffer = new byte[65_536];
            while (true)
            {
                // The first answer may take a worker's time; what else comes, comes with it.
                using var late = new CancellationTokenSource(said.Length == 0 ? 8000 : 300);
                var count = await socket.ReceiveAsync(buffer, late.Token);
                if (count == 0)
                {
                    break;
                }

                said.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // What was said stands.
        }

        var text = said.ToString();
        var statuses = text.Split("HTTP/1.1 ").Skip(1).Select(answer => int.Parse(answer[..3], System.Globalization.CultureInfo.InvariantCulture));
        return new RawHttp([.. statuses], text);
    }
}
