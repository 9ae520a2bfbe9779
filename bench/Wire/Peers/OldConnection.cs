using System.Net.Sockets;

namespace Wire.Peers;

/// <summary>
/// A socket of the old worker. Two variables hold it, the accept loop's and its thread's, and Python closes it when neither
/// does.
/// </summary>
internal sealed class OldConnection(Socket socket)
{
    private int holders = 2;

    /// <summary>Whether nobody holds it any more.</summary>
    public bool IsClosed => Volatile.Read(ref holders) <= 0;

    /// <summary>One of the two holds it no more.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            socket.Dispose();
        }
    }

    /// <summary>Closes it whoever holds it, as the process's end does.</summary>
    public void Close() => socket.Dispose();

    /// <summary>One <c>recv(1024).decode()</c>; empty at the connection's end, and bytes that are not UTF-8 throw.</summary>
    public string Receive() => OldText.Receive(socket);

    /// <summary>One <c>sendall</c>.</summary>
    public void Send(string text) => OldText.Send(socket, text);
}
