using System.Buffers.Binary;
using System.Net.Sockets;

namespace Worker.Sockets;

/// <summary>
/// Whether the peer's kernel has what was sent. Linux says; elsewhere nothing is known, and time has to do.
/// </summary>
internal sealed class Delivery
{
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;

    // tcpi_bytes_acked in struct tcp_info: 64 bits since Linux 4.1.
    private const int BytesAcked = 120;
    private const int InfoLength = BytesAcked + sizeof(ulong);

    private readonly Socket? socket;
    private readonly ulong before;

    /// <summary>From now on, on a connection that has sent nothing yet.</summary>
    public Delivery(Socket? socket)
    {
        this.socket = OperatingSystem.IsLinux() ? socket : null;
        before = Acknowledged() ?? 0;
    }

    /// <summary>
    /// True when all of the first <paramref name="sent"/> bytes arrived, or when that can't be known.
    /// </summary>
    public bool Arrived(long sent) => Acknowledged() is not { } now || now - before >= (ulong)sent;

    private ulong? Acknowledged()
    {
        if (socket is null)
        {
            return null;
        }

        try
        {
            Span<byte> info = stackalloc byte[InfoLength];
            var length = socket.GetRawSocketOption(TcpLevel, TcpInfo, info);
            return length >= InfoLength ? BinaryPrimitives.ReadUInt64LittleEndian(info[BytesAcked..]) : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone: the next read says so.
            return null;
        }
    }
}
