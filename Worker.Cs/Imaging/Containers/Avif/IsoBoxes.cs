using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>
/// The boxes of an ISO media file, one after the other: <c>box = length type data</c>, the length 4 bytes, its own
/// included; 0 for the rest of the file, 1 where 8 more bytes hold it.
/// </summary>
internal ref struct IsoBoxes(ReadOnlySpan<byte> boxes)
{
    private const int Head = 8;

    private readonly ReadOnlySpan<byte> boxes = boxes;

    /// <summary>Where the next box begins.</summary>
    public int Position { get; private set; }

    /// <summary>Reads the next box; false where none begins. The data of one that breaks off is what is there.</summary>
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

    /// <summary>Reads a big-endian number of 0, 1, 2, 4 or 8 bytes; 0 where it lies outside.</summary>
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
