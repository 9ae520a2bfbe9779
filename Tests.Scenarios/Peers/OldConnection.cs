using System.Net.Sockets;

namespace Scenarios.Peers;

/// <summary>
/// A socket of the old worker. Two variables reference it, the accept loop's and its thread's; Python closes it when
/// both are gone.
/// </summary>
internal sealed class OldConnection(Socket socket)
{
    private int holders = 2;

    /// <summary>Whether no variable references it any more.</summary>
    public bool IsClosed => Volatile.Read(ref holders) <= 0;

    /// <summary>Releases one of the two references.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            socket.Dispose();
        }
    }

    /// <summary>Closes it regardless of references, like the end of the process.</summary>
    public void Close() => socket.Dispose();

    /// <summary>
    /// Imitates one <c>recv(1024).decode()</c>; empty at the connection's end. Bytes that are not UTF-8 throw.
    /// </summary>
    public string Receive() => OldText.Receive(socket);

    /// <summary>Imitates one <c>sendall</c>.</summary>
    public void Send(string text) => OldText.Send(socket, text);
}
