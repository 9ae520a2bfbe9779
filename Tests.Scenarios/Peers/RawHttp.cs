using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Scenarios.Peers;

/// <summary>A server's answers to bytes that no HTTP client sends.</summary>
/// <param name="Statuses">The statuses of all answers on the connection.</param>
/// <param name="Text">All text received, in Latin-1.</param>
internal sealed record RawHttp(IReadOnlyList<int> Statuses, string Text)
{
    /// <summary>
    /// Sends <paramref name="request"/>, in Latin-1, at once; reads until the server closes or is silent.
    /// </summary>
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
                // The first answer may take a worker's time; any further ones arrive with it.
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
            // The answers so far count.
        }

        var text = said.ToString();
        var statuses = text.Split("HTTP/1.1 ").Skip(1).Select(
            answer => int.Parse(answer[..3], System.Globalization.CultureInfo.InvariantCulture));
        return new RawHttp([.. statuses], text);
    }
}
