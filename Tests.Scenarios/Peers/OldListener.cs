using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Scenarios.Peers;

/// <summary>
/// A listening socket opened as Python does: <c>bind</c> without <c>SO_REUSEADDR</c>, which .NET would set, and
/// <c>listen(1)</c>.
/// </summary>
internal static partial class OldListener
{
    private const int Internet = 2;
    private const int Stream = 1;
    // Child processes must not inherit it.
    private const int CloseOnExec = 0x80000;
    private const int Backlog = 1;

    /// <summary>Listens on loopback; on a free port if <paramref name="port"/> is 0.</summary>
    /// <exception cref="SocketException">
    /// The port is taken, or connections of an earlier listener linger on it.
    /// </exception>
    public static Socket Open(int port)
    {
        if (!OperatingSystem.IsLinux())
        {
            var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            other.Bind(new IPEndPoint(IPAddress.Loopback, port));
            other.Listen(Backlog);
            return other;
        }

        var handle = new SafeSocketHandle(Checked(NewSocket(Internet, Stream | CloseOnExec, 0)), ownsHandle: true);
        try
        {
            var address = new IPEndPoint(IPAddress.Loopback, port).Serialize();
            Checked(Bind(handle, address.Buffer.ToArray(), address.Size));
            Checked(Listen(handle, Backlog));
            return new Socket(handle);
        }
        catch (SocketException)
        {
            handle.Dispose();
            throw;
        }
    }

    private static int Checked(int result) =>
        result >= 0 ? result : throw new SocketException((int)SocketError.AddressAlreadyInUse);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int NewSocket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(SafeSocketHandle socket, byte[] address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int Listen(SafeSocketHandle socket, int backlog);
}
