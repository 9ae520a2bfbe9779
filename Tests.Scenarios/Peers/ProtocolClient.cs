using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Protocol.Core;
using Protocol.Core.Interop;
using Scenarios.Nodes;

namespace Scenarios.Peers;

/// <summary>A client of a worker's port that can violate the protocol.</summary>
public sealed class ProtocolClient : IDisposable
{
    // The characters around a result's payload.
    private const int Around = 8;

    private readonly Socket socket;

    private ProtocolClient(Socket socket) => this.socket = socket;

    /// <summary>Returns a data message with the right checksum.</summary>
    public static byte[] Data(string payload)
    {
        var sum = Encoding.UTF8.GetBytes(payload).Sum(one => one) & 0xFFF;
        return Encoding.UTF8.GetBytes($"D {payload} -{sum + 1:0000}");
    }

    /// <summary>Returns the two messages that send a picture.</summary>
    public static (byte[] Size, byte[] Image) Show(ReadOnlyMemory<byte> picture)
    {
        var image = new ArrayBufferWriter<byte>();
        WorkerProtocol.Write(image, Message.NewImage(new ReadOnlySequence<byte>(picture), ParametersModule.none));
        return (Data($"{(picture.Length + 2) / 3 * 4}"), image.WrittenSpan.ToArray());
    }

    /// <summary>Returns the predictions of a result message.</summary>
    /// <exception cref="InvalidDataException">The message is no valid result.</exception>
    public static Prediction[] Predictions(string result) =>
        result.Length > Around
            && PredictionModule.tryRead(Encoding.Latin1.GetBytes(result).AsSpan()[2..^6]) is { IsOk: true } read
            ? read.ResultValue
            : throw new InvalidDataException($"The worker's result is invalid: {result}");

    /// <summary>Connects to a worker on loopback.</summary>
    public static Task<ProtocolClient> ConnectAsync(int port) =>
        ConnectAsync(Place.Here, new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>Connects to a worker from <paramref name="place"/>.</summary>
    public static async Task<ProtocolClient> ConnectAsync(Place place, IPEndPoint worker)
    {
        var client = new ProtocolClient(place.NewSocket());
        client.socket.NoDelay = true;
        await client.socket.ConnectAsync(worker);
        return client;
    }

    /// <summary>
    /// Sends a picture like an honest client; returns the result's text, or N if the worker refuses the picture.
    /// </summary>
    /// <exception cref="IOException">The worker ended the connection.</exception>
    public static Task<string> AskAsync(int port, ReadOnlyMemory<byte> picture) =>
        AskAsync(Place.Here, new IPEndPoint(IPAddress.Loopback, port), picture);

    /// <summary>Does the same from <paramref name="place"/>.</summary>
    public static async Task<string> AskAsync(Place place, IPEndPoint worker, ReadOnlyMemory<byte> picture)
    {
        using var client = await ConnectAsync(place, worker);
        var (size, image) = Show(picture);
        await client.SendAsync(size);
        await client.ExpectAsync('A');
        await client.SendAsync(image);
        await client.ExpectAsync('A');
        var result = await client.ReceiveAsync(1024);
        if (result is not "N")
        {
            await client.SendAsync("A"u8.ToArray());
        }

        return result;
    }

    /// <summary>Sends all of the bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Returns the bytes of one read, within 30 s; empty when the worker has ended the connection.</summary>
    public async Task<string> ReceiveAsync(int most)
    {
        var buffer = new byte[most];
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            return Encoding.Latin1.GetString(buffer, 0, await socket.ReceiveAsync(buffer, late.Token));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    /// <summary>Reads until the worker ends the connection; returns all bytes.</summary>
    public async Task<string> ReceiveAllAsync()
    {
        var said = new StringBuilder();
        for (var piece = await ReceiveAsync(4096); piece.Length > 0; piece = await ReceiveAsync(4096))
        {
            said.Append(piece);
        }

        return said.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private async Task ExpectAsync(char answer)
    {
        var said = await ReceiveAsync(1);
        if (said != answer.ToString())
        {
            throw new IOException($"the worker said '{said}' instead of {answer}");
        }
    }
}
