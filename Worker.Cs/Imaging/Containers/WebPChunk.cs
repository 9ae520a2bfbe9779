using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>
/// Reads and writes the chunks of a WebP file: <c>chunk = type length data [pad]</c>, type and length 4 bytes each,
/// little-endian; the padding to an even length does not count.
/// </summary>
internal static class WebPChunk
{
    /// <summary>Bytes of the type and the length.</summary>
    public const int Head = 8;

    /// <summary>
    /// Reads the chunk at <paramref name="at"/>; false if there is none. The data of a truncated chunk is empty.
    /// </summary>
    public static bool TryRead(
        ReadOnlySpan<byte> file, int at, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> data, out int end)
    {
        type = data = default;
        end = file.Length;
        if (at + Head > file.Length)
        {
            return false;
        }

        type = file.Slice(at, sizeof(uint));
        var length = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + sizeof(uint))..]);
        if (at + Head + (long)length <= file.Length)
        {
            data = file.Slice(at + Head, (int)length);
            end = (int)Math.Min(file.Length, at + Head + (long)length + (length & 1));
        }

        return true;
    }

    /// <summary>Writes a chunk.</summary>
    public static void Write(
        ref NativeBuffer output, scoped ReadOnlySpan<byte> type, scoped ReadOnlySpan<byte> data)
    {
        WriteHead(ref output, type, data.Length);
        output.Write(data);
        output.Write("\0"u8[..(data.Length & 1)]);
    }

    /// <summary>Writes the type and the length of a chunk.</summary>
    public static void WriteHead(ref NativeBuffer output, scoped ReadOnlySpan<byte> type, int length)
    {
        Span<byte> head = stackalloc byte[Head];
        type.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], length);
        output.Write(head);
    }

    /// <summary>Returns the bytes of a whole chunk for this many bytes of data.</summary>
    public static int Length(int data) => Head + data + (data & 1);

    /// <summary>Reads a number of 24 bits.</summary>
    public static int ReadUInt24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}
