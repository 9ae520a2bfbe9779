using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Worker.Imaging.Containers;

/// <summary>
/// Repairs a PNG that has all its pixels but whose zlib stream is damaged after them: a wrong or missing checksum, or a
/// truncated end. libpng would drop the last rows.
/// </summary>
internal static class PngRepair
{
    private const int Signature = 8;
    private const int ChunkHead = 8;
    private const int Frame = 12;
    private const int MaxStored = ushort.MaxValue;
    private const uint AdlerModulus = 65521;

    // For each Adam7 pass: its first pixel and the distance between pixels, across and down.
    private static ReadOnlySpan<byte> Adam7 =>
    [
        0, 0, 8, 8,
        4, 0, 8, 8,
        0, 4, 4, 8,
        2, 0, 4, 4,
        0, 2, 2, 4,
        1, 0, 2, 2,
        0, 1, 1, 2,
    ];

    /// <summary>Returns the length of the rewritten file in bytes.</summary>
    public static long Length(ReadOnlySpan<byte> file)
    {
        var pixels = FilteredBytes(file);
        return file.Length + pixels + (5 * ((pixels / MaxStored) + 1)) + 64;
    }

    /// <summary>Writes the file with its filtered pixels in stored blocks; false if some are missing.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> file, ref NativeBuffer output)
    {
        using var compressed = new MemoryStream();
        output.Write(file[..Signature]);
        for (var at = Signature; at + ChunkHead <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            var end = (int)Math.Min(file.Length, at + Frame + (long)length);
            var type = file.Slice(at + sizeof(uint), sizeof(uint));
            if (type.SequenceEqual("IDAT"u8))
            {
                compressed.Write(file[(at + ChunkHead)..(int)Math.Min(end, at + ChunkHead + (long)length)]);
            }
            else if (!type.SequenceEqual("IEND"u8))
            {
                output.Write(file[at..end]);
            }

            at = end;
        }

        // Skip zlib's header, whose window size may be wrong.
        compressed.Position = 2;
        return compressed.Length > 2 && TryWritePixels(compressed, FilteredBytes(file), ref output);
    }

    private static bool TryWritePixels(MemoryStream compressed, long length, ref NativeBuffer output)
    {
        using var inflater = new DeflateStream(compressed, CompressionMode.Decompress);
        var buffer = new byte[MaxStored];
        var (checksum, low, high) = (new Crc32(), 1u, 0u);
        Span<byte> head = stackalloc byte[5];
        var blocks = (length + MaxStored - 1) / MaxStored;
        BinaryPrimitives.WriteUInt32BigEndian(head, (uint)(2 + length + (5 * blocks) + 4));
        output.Write(head[..4]);
        Put("IDAT"u8, checksum, ref output);
        Put([0x78, 0x01], checksum, ref output);
        while (length > 0)
        {
            var block = buffer.AsSpan(0, (int)Math.Min(length, MaxStored));
            if (!TryFill(inflater, block))
            {
                return false;
            }

            length -= block.Length;
            head[0] = length == 0 ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteUInt16LittleEndian(head[1..], (ushort)block.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(head[3..], (ushort)~block.Length);
            Put(head, checksum, ref output);
            Put(block, checksum, ref output);
            foreach (var value in block)
            {
                low = (low + value) % AdlerModulus;
                high = (high + low) % AdlerModulus;
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(head, (high << 16) | low);
        Put(head[..4], checksum, ref output);
        BinaryPrimitives.WriteUInt32BigEndian(head, checksum.GetCurrentHashAsUInt32());
        output.Write(head[..4]);
        output.Write([0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82]);
        return true;
    }

    private static void Put(scoped ReadOnlySpan<byte> bytes, Crc32 checksum, ref NativeBuffer output)
    {
        checksum.Append(bytes);
        output.Write(bytes);
    }

    private static bool TryFill(DeflateStream inflater, Span<byte> block)
    {
        try
        {
            return inflater.ReadAtLeast(block, block.Length, throwOnEndOfStream: false) == block.Length;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Returns the bytes of all rows with their filter bytes, from the header.</summary>
    private static long FilteredBytes(ReadOnlySpan<byte> file)
    {
        var header = file[(Signature + ChunkHead)..];
        var width = BinaryPrimitives.ReadInt32BigEndian(header);
        var height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        var bits = header[8] * header[9] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        if (header[12] == 0)
        {
            return Rows(width, height, bits);
        }

        var sum = 0L;
        for (var pass = Adam7; !pass.IsEmpty; pass = pass[4..])
        {
            sum += Rows((width - pass[0] + pass[2] - 1) / pass[2], (height - pass[1] + pass[3] - 1) / pass[3], bits);
        }

        return sum;
    }

    private static long Rows(long width, long height, int bits) =>
        width <= 0 || height <= 0 ? 0 : height * (1 + (((width * bits) + 7) / 8));
}
