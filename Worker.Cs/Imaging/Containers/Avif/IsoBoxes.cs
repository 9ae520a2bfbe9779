using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>
/// Reads consecutive boxes of an ISO media file: <c>box = length type data</c>. The length is 4 bytes and includes
/// itself; 0 means the rest of the file, 1 that 8 more bytes hold it.
/// </summary>
internal ref struct IsoBoxes(ReadOnlySpan<byte> boxes)
{
    private const int Head = 8;

    private readonly ReadOnlySpan<byte> boxes = boxes;

    /// <summary>The offset of the next box.</summary>
    public int Position { get; private set; }

    /// <summary>Reads the next box; false if there is none. The data of a truncated box is what is present.</summary>
    public bool TryRead(out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> data)
    {
        type = data = default;
        var rest = boxes[Position..];
        if (rest.Length < Head)
        {
            return false;
        }

        type = rest.Slice(4, 4);
        var (head, length) = (Head, (ulong)BinaryPrimitives.ReadUInt32BigEndian(rest));
        if (length == 1 && rest.Length >= 2 * Head)
        {
            (head, length) = (2 * Head, BinaryPrimitives.ReadUInt64BigEndian(rest[Head..]));
        }

        length = length == 0 ? (ulong)rest.Length : Math.Min((ulong)rest.Length, length);
        if (length < (ulong)head)
        {
            return false;
        }

        data = rest[head..(int)length];
        Position += (int)length;
        return true;
    }

    /// <summary>Reads a big-endian number of 0, 1, 2, 4 or 8 bytes; 0 if it is out of range.</summary>
    public static ulong Number(ReadOnlySpan<byte> box, long at, int size)
    {
        if (at < 0 || at + size > box.Length)
        {
            return 0;
        }

        var bytes = box[(int)at..];
        return size switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32BigEndian(bytes),
            8 => BinaryPrimitives.ReadUInt64BigEndian(bytes),
            _ => 0,
        };
    }
}
