using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Protocol.Core;
using Protocol.Core.Interop;

namespace Scenarios.Peers;

/// <summary>A worker that follows the protocol up to its result, and then sends arbitrary bytes.</summary>
public sealed class LyingWorker : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    /// <summary>Starts listening at once.</summary>
    public LyingWorker()
    {
        listener.Start();
        _ = ServeAsync();
    }

    /// <summary>The port that it listens on.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The number of connections.</summary>
    public int Connections { get; private set; }

    /// <summary>The bytes of its result, sent repeatedly until this is empty or the web node closes.</summary>
    public Func<IEnumerable<byte[]>> Result { get; set; } = () => [];

    /// <summary>The number of result bytes that the web node's kernel accepted.</summary>
    public long Sent { get; private set; }

    /// <summary>Returns a result message with this payload.</summary>
    public static byte[] Payload(string text)
    {
        var writer = new ArrayBufferWriter<byte>();
        WorkerProtocol.Write(writer, Message.NewResult(Encoding.UTF8.GetBytes(text), ParametersModule.none));
        return writer.WrittenSpan.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private async Task ServeAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Connections++;
            _ = AnswerAsync(socket);
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await ReadDataAsync(socket);
                await socket.SendAsync("A"u8.ToArray());
                await ReadDataAsync(socket);
                await socket.SendAsync("A"u8.ToArray());
                foreach (var piece in Result())
                {
                    Sent += await socket.SendAsync(piece);
                }

                await socket.ReceiveAsync(new byte[16]);
            }
            catch (SocketException)
            {
                // The web node closed the connection.
            }
        }
    }

    /// <summary>Reads until the received bytes end with a message's checksum.</summary>
    private static async Task ReadDataAsync(Socket socket)
    {
        var held = new List<byte>();
        var buffer = new byte[65_536];
        while (held.Count < 6 || held[^6] != ' ' || held[^5] != '-')
        {
            var count = await socket.ReceiveAsync(buffer);
            if (count == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            held.AddRange(buffer.AsSpan(0, count));
        }
    }
}
