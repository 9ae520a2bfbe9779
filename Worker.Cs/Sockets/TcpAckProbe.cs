using System.Buffers.Binary;
using System.Net.Sockets;

namespace Worker.Sockets;

/// <summary>
/// Whether the peer's kernel has what was sent. Linux says; elsewhere nothing is known, and time has to do.
/// </summary>
internal sealed class TcpAckProbe
{
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;

    // In struct tcp_info: milliseconds since the last acknowledgement, 32 bits, and tcpi_bytes_acked, 64 bits since
    // Linux 4.1.
    private const int LastAckReceived = 56;
    private const int BytesAcked = 120;
    private const int InfoLength = BytesAcked + sizeof(ulong);

    private readonly Socket? socket;
    private readonly ulong before;

    /// <summary>From now on, on a connection that has sent nothing yet.</summary>
    public TcpAckProbe(Socket? socket)
    {
        this.socket = OperatingSystem.IsLinux() ? socket : null;
        before = Acknowledged()?.Bytes ?? 0;
    }

    /// <summary>
    /// True when all of the first <paramref name="sent"/> bytes arrived, or when that can't be known.
    /// </summary>
    public bool Arrived(long sent) => Acknowledged() is not { } now || now.Bytes - before >= (ulong)sent;

    /// <summary>
    /// At least how long the peer's kernel has had all of the first <paramref name="sent"/> bytes: zero while it has not,
    /// null when that can't be known.
    /// </summary>
    public TimeSpan? SinceArrival(long sent) =>
        Acknowledged() is not { } now ? null : now.Bytes - before >= (ulong)sent ? now.Since : TimeSpan.Zero;

    private (ulong Bytes, TimeSpan Since)? Acknowledged()
    {
        if (socket is null)
        {
            return null;
        }

        try
        {
            Span<byte> info = stackalloc byte[InfoLength];
            var length = socket.GetRawSocketOption(TcpLevel, TcpInfo, info);
            return length < InfoLength
                ? null
                : (BinaryPrimitives.ReadUInt64LittleEndian(info[BytesAcked..]),
                    TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt32LittleEndian(info[LastAckReceived..])));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone: the next read says so.
            return null;
        }
    }
}
