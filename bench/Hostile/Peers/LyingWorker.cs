using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Protocol.Core;
using Protocol.Core.Interop;

namespace Hostile.Peers;

/// <summary>A worker that keeps to the protocol up to its result, and then says whatever it is told to.</summary>
public sealed class LyingWorker : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    /// <summary>Listens at once.</summary>
    public LyingWorker()
    {
        listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How many connections there were.</summary>
    public int Connections { get; private set; }

    /// <summary>What it sends as its result, over and over until this is empty or the web node closes.</summary>
    public Func<IEnumerable<byte[]>> Result { get; set; } = () => [];

    /// <summary>Bytes of results that the web node's kernel took.</summary>
    public long Sent { get; private set; }

    /// <summary>A result message with this payload.</summary>
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
                // The web node has had enough.
            }
        }
    }

    /// <summary>Reads until a message's checksum stands at the end of what came.</summary>
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
