using System.Buffers.Binary;
using System.Net.Sockets;

namespace Worker.Sockets;

/// <summary>
/// Checks whether the peer's kernel has the sent bytes. Only Linux reports this; elsewhere callers rely on timeouts.
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

    /// <summary>Creates a probe for a connection that has sent nothing yet.</summary>
    public TcpAckProbe(Socket? socket)
    {
        this.socket = OperatingSystem.IsLinux() ? socket : null;
        before = Acknowledged()?.Bytes ?? 0;
    }

    /// <summary>
    /// Returns true if the first <paramref name="sent"/> bytes all arrived, or if this is unknown.
    /// </summary>
    public bool Arrived(long sent) => Acknowledged() is not { } now || now.Bytes - before >= (ulong)sent;

    /// <summary>
    /// Returns the least time for which the peer's kernel has had the first <paramref name="sent"/> bytes: zero if it
    /// does not have them all, null if this is unknown.
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
            // The socket is closed; the next read reports it.
            return null;
        }
    }
}
