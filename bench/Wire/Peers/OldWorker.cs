using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wire.Peers;

/// <summary>
/// The worker that is in the field, in Python, imitated byte by byte: one read for the size, the image by its length, one
/// answer for each; on anything unexpected the connection's thread dies without a word. It shares no code with ours.
/// </summary>
public sealed class OldWorker : IDisposable
{
    // What its network costs on a machine of its time; its result is a message, and a read, of its own.
    private static readonly TimeSpan Thinks = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Lingers = TimeSpan.FromMilliseconds(200);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<byte[], string> name;
    private int served;

    /// <param name="name">The result's payload for a picture; what it throws kills the thread.</param>
    public OldWorker(Func<byte[], string> name)
    {
        this.name = name;
        listener.Start();
        EndPoint = (IPEndPoint)listener.LocalEndpoint;
        _ = AcceptAsync();
    }

    /// <summary>Where it listens, on loopback.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Exchanges that it finished.</summary>
    public int Served => Volatile.Read(ref served);

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptSocketAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It listens no more.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await ExchangeAsync(socket);
                Interlocked.Increment(ref served);
                // It reads nothing more on this connection.
                await Task.Delay(Lingers);
            }
            catch (Exception e) when (e is SocketException or FormatException or InvalidDataException or KeyNotFoundException)
            {
                // The thread dies.
            }
        }
    }

    private async Task ExchangeAsync(Socket socket)
    {
        var size = await ExpectAsync(socket, OldText.Fits);
        var length = int.Parse(OldText.Payload(size), CultureInfo.InvariantCulture);
        await OldText.SendAsync(socket, "A");
        var image = new StringBuilder();
        while (image.Length < length + 8)
        {
            image.Append(await ExpectAsync(socket, part => part.Length > 0));
        }

        var message = image.ToString();
        if (message.Length > length + 8 || !OldText.Fits(message))
        {
            throw new InvalidDataException("an image of another length");
        }

        await OldText.SendAsync(socket, "A");
        var result = OldText.Data(name(Convert.FromBase64String(OldText.Payload(message))));
        await Task.Delay(Thinks);
        do
        {
            await OldText.SendAsync(socket, result);
        }
        while (await ExpectAsync(socket, answer => answer.Length > 0) != "A");
    }

    private static async Task<string> ExpectAsync(Socket socket, Func<string, bool> fits)
    {
        var message = await OldText.ReceiveAsync(socket);
        return fits(message) ? message : throw new InvalidDataException(message);
    }
}
