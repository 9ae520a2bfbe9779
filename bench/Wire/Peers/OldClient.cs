using System.Net;
using System.Net.Sockets;

namespace Wire.Peers;

/// <summary>
/// The web node that is in the field, in Python, imitated byte by byte as <c>docs/protocol.md</c> describes it: one read
/// for one message, and a message sent twice after an <c>N</c>. It shares no code with ours.
/// </summary>
/// <param name="worker">Where it, or its proxy, listens.</param>
/// <param name="damage">Turns a message, by its number from 0, into what goes on the wire.</param>
public sealed class OldClient(IPEndPoint worker, Func<int, string, string> damage)
{
    private readonly List<string> heard = [];
    private int sent;

    /// <summary>One that damages nothing.</summary>
    public OldClient(IPEndPoint worker)
        : this(worker, (_, message) => message)
    {
    }

    /// <summary>One of a worker on loopback.</summary>
    public OldClient(int port, Func<int, string, string> damage)
        : this(new IPEndPoint(IPAddress.Loopback, port), damage)
    {
    }

    /// <summary>One of a worker on loopback, that damages nothing.</summary>
    public OldClient(int port)
        : this(new IPEndPoint(IPAddress.Loopback, port))
    {
    }

    /// <summary>How long it takes its time before the read for the image's answer; none by default.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Every read of the last exchange, one entry each.</summary>
    public IReadOnlyList<string> Heard => heard;

    /// <summary>The result's payload; the empty text when the worker refuses the picture.</summary>
    /// <exception cref="IOException">The worker ends the connection.</exception>
    public async Task<string> AskAsync(byte[] picture)
    {
        heard.Clear();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(worker);
        var text = Convert.ToBase64String(picture);
        await TellAsync(socket, OldText.Data($"{text.Length}"), TimeSpan.Zero);
        await TellAsync(socket, OldText.Data(text), Delay);
        var result = await HearAsync(socket);
        while (result != "N" && !OldText.Fits(result))
        {
            await OldText.SendAsync(socket, "N");
            result = await HearAsync(socket);
        }

        if (result == "N")
        {
            return "";
        }

        await OldText.SendAsync(socket, "A");
        return OldText.Payload(result);
    }

    private async Task TellAsync(Socket socket, string message, TimeSpan delay)
    {
        await PutAsync(socket, message);
        await Task.Delay(delay);
        while (await HearAsync(socket) != "A")
        {
            // It repeats the message here and once more at the loop's start, and takes one answer.
            await PutAsync(socket, message);
            await PutAsync(socket, message);
        }
    }

    private Task PutAsync(Socket socket, string message) => OldText.SendAsync(socket, damage(sent++, message));

    private async Task<string> HearAsync(Socket socket)
    {
        var message = await OldText.ReceiveAsync(socket);
        heard.Add(message);
        return message.Length > 0 ? message : throw new IOException("The worker ended the connection of an old client.");
    }
}
