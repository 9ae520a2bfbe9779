using System.Net;
using System.Net.Sockets;

namespace Scenarios.Peers;

/// <summary>
/// Imitates the Python client in the field, socket call by socket call: one thread per picture, one <c>recv(1024)</c>
/// per message, of which it reads only the first letter, and a message sent twice after an <c>N</c>. It accepts a
/// result without verifying its checksum, answers <c>A</c> and drops the connection. It shares no code with ours.
/// </summary>
/// <param name="worker">The address of the worker or its proxy.</param>
/// <param name="damage">Turns a message, by its number from 0, into the bytes on the wire.</param>
public sealed class OldClient(IPEndPoint worker, Func<int, string, string> damage)
{
    private readonly List<string> received = [];
    private int sent;

    /// <summary>Creates a client that damages nothing.</summary>
    public OldClient(IPEndPoint worker)
        : this(worker, (_, message) => message)
    {
    }

    /// <summary>Creates a client of a worker on loopback.</summary>
    public OldClient(int port, Func<int, string, string> damage)
        : this(new IPEndPoint(IPAddress.Loopback, port), damage)
    {
    }

    /// <summary>Creates a client of a worker on loopback that damages nothing.</summary>
    public OldClient(int port)
        : this(new IPEndPoint(IPAddress.Loopback, port))
    {
    }

    /// <summary>The delay before each read, by the read's number from 0: its threads share one lock.</summary>
    public Func<int, TimeSpan> Delay { get; init; } = _ => TimeSpan.Zero;

    /// <summary>The timeout of one read; the real client has none.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Every read of the last exchange, one entry each.</summary>
    public IReadOnlyList<string> Received => received;

    /// <summary>Returns the result's payload; empty if the worker refuses the picture.</summary>
    /// <exception cref="IOException">The worker ended the connection.</exception>
    /// <exception cref="SocketException">The real client would wait for ever.</exception>
    public Task<string> AskAsync(byte[] picture) =>
        Task.Factory.StartNew(
            () => Ask(picture), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private string Ask(byte[] picture)
    {
        received.Clear();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
        };
        socket.Connect(worker);
        var text = Convert.ToBase64String(picture);
        Tell(socket, OldText.Data($"{text.Length}"));
        Tell(socket, OldText.Data(text));
        var result = Hear(socket);
        while (result[0] is not ('D' or 'N'))
        {
            OldText.Send(socket, "N");
            result = Hear(socket);
        }

        if (result[0] == 'N')
        {
            return "";
        }

        OldText.Send(socket, "A");
        return OldText.Payload(result);
    }

    private void Tell(Socket socket, string message)
    {
        Put(socket, message);
        while (Hear(socket)[0] != 'A')
        {
            // It repeats the message here and once more at the loop's start, and takes one answer.
            Put(socket, message);
            Put(socket, message);
        }
    }

    private void Put(Socket socket, string message) => OldText.Send(socket, damage(sent++, message));

    private string Hear(Socket socket)
    {
        Thread.Sleep(Delay(received.Count));
        var message = OldText.Receive(socket);
        received.Add(message);
        return message.Length > 0
            ? message
            : throw new IOException("The worker ended the connection of an old client.");
    }
}
