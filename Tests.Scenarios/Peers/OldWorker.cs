using System.Net;
using System.Net.Sockets;

namespace Scenarios.Peers;

/// <summary>
/// Imitates the Python worker in the field, socket call by socket call: one accept loop that holds the last accepted
/// socket until it accepts the next one, and one thread per connection that dies silently on any unexpected input. The
/// connection of a dead thread is closed with the loop's next accept, not before. It shares no code with ours.
/// </summary>
public sealed class OldWorker : IDisposable
{
    private readonly Func<byte[], string> name;
    private readonly TimeSpan thinks;
    private readonly HashSet<OldConnection> open = [];
    private Socket listener;
    private int served;
    private int accepted;
    private int died;
    private int spinning;

    /// <summary>Listens on a free port of loopback.</summary>
    /// <param name="name">Returns the result's payload for a picture; an exception kills the thread.</param>
    /// <param name="thinks">The time of its network; by default 50 ms, as on a machine of its time.</param>
    public OldWorker(Func<byte[], string> name, TimeSpan? thinks = null)
    {
        this.name = name;
        this.thinks = thinks ?? TimeSpan.FromMilliseconds(50);
        listener = OldListener.Open(0);
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        Run(() => AcceptLoop(listener));
    }

    /// <summary>The address that it listens on, on loopback.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The number of finished exchanges.</summary>
    public int Served => Volatile.Read(ref served);

    /// <summary>The number of accepted connections.</summary>
    public int Accepted => Volatile.Read(ref accepted);

    /// <summary>The number of threads that died before the end of their exchange.</summary>
    public int Died => Volatile.Read(ref died);

    /// <summary>
    /// The number of threads that read the end of their connection in the middle of an image. The original then reads
    /// in a loop for ever, using a whole core; this one only counts.
    /// </summary>
    public int Spinning => Volatile.Read(ref spinning);

    /// <summary>The delay before each read of an image; none by default.</summary>
    public TimeSpan ReadDelay { get; set; }

    /// <summary>Ends like a killed process: the port is closed, and its connections end.</summary>
    public void Kill()
    {
        listener.Dispose();
        lock (open)
        {
            foreach (var connection in open)
            {
                connection.Close();
            }

            open.Clear();
        }
    }

    /// <summary>Listens on the same port again, as soon as the system permits it.</summary>
    public async Task RestartAsync(TimeSpan within)
    {
        for (var end = DateTime.UtcNow + within; ; await Task.Delay(100))
        {
            try
            {
                listener = OldListener.Open(EndPoint.Port);
                Run(() => AcceptLoop(listener));
                return;
            }
            catch (SocketException) when (DateTime.UtcNow < end)
            {
                // Connections of its previous run linger on the port.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Kill();

    private static void Run(Action loop) => new Thread(() => loop()) { IsBackground = true }.Start();

    private void AcceptLoop(Socket listening)
    {
        OldConnection? last = null;
        try
        {
            while (true)
            {
                var connection = new OldConnection(listening.Accept());
                lock (open)
                {
                    open.RemoveWhere(one => one.IsClosed);
                    open.Add(connection);
                }

                Interlocked.Increment(ref accepted);
                last?.Release();
                last = connection;
                Run(() => Serve(connection));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Killed.
        }
    }

    private void Serve(OldConnection connection)
    {
        try
        {
            Exchange(connection);
            Interlocked.Increment(ref served);
        }
        catch (EndOfStreamException)
        {
            Interlocked.Increment(ref spinning);
        }
        catch (Exception)
        {
            // On any exception, the thread's trace goes to an unread console.
            Interlocked.Increment(ref died);
        }
        finally
        {
            connection.Release();
        }
    }

    private void Exchange(OldConnection connection)
    {
        var size = connection.Receive();
        while (!OldText.Fits(size))
        {
            connection.Send("N");
            size = connection.Receive();
        }

        connection.Send("A");
        var length = OldText.ToNumber(OldText.Payload(size));
        var message = ReceiveImage(connection, length + OldText.Around);
        while (!OldText.Fits(message))
        {
            connection.Send("N");
            message = ReceiveImage(connection, length + OldText.Around);
        }

        connection.Send("A");
        var payload = name(Convert.FromBase64String(OldText.Payload(message)));
        Thread.Sleep(thinks);
        connection.Send(OldText.Data(payload));
        while (connection.Receive() != "A")
        {
            connection.Send(OldText.Data(payload));
        }
    }

    private string ReceiveImage(OldConnection connection, int length)
    {
        var message = new System.Text.StringBuilder();
        while (message.Length < length)
        {
            Thread.Sleep(ReadDelay);
            var part = connection.Receive();
            message.Append(part.Length > 0 ? part : throw new EndOfStreamException());
        }

        return message.ToString();
    }
}
