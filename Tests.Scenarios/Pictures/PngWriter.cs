using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Scenarios.Pictures;

/// <summary>
/// PNG files put together by hand: <c>png = signature *chunk</c>, <c>chunk = length type data crc</c>.
/// </summary>
internal static class PngWriter
{
    private static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Returns a file of these chunks.</summary>
    public static byte[] File(params byte[][] chunks) => [.. Signature, .. chunks.SelectMany(chunk => chunk)];

    /// <summary>Returns one chunk with the right checksum.</summary>
    public static byte[] Chunk(string type, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        WriteChecksum(chunk, 0, data.Length);
        return chunk;
    }

    /// <summary>Returns the header of a black RGB picture.</summary>
    public static byte[] Header(int width, int height, byte colourType = 2, byte depth = 8, bool interlaced = false)
    {
        var data = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(data, width);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4), height);
        (data[8], data[9], data[12]) = (depth, colourType, interlaced ? (byte)1 : (byte)0);
        return Chunk("IHDR", data);
    }

    /// <summary>Returns the compressed form of this many zero bytes, which are black rows.</summary>
    public static byte[] Zeros(long count)
    {
        var target = new MemoryStream();
        using (var deflate = new ZLibStream(target, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var block = new byte[65_536];
            for (; count > 0; count -= block.Length)
            {
                deflate.Write(block, 0, (int)Math.Min(count, block.Length));
            }
        }

        return target.ToArray();
    }

    /// <summary>Returns a whole black picture.</summary>
    public static byte[] Black(int width, int height, byte colourType = 2, byte depth = 8, bool interlaced = false)
    {
        var bytes = depth / 8 * (colourType == 6 ? 4 : 3);
        // In an interlaced picture, each row of each of the seven passes has a filter byte.
        var rows = ((long)width * height * bytes) + (interlaced ? 3L * height : height);
        return File(Header(width, height, colourType, depth, interlaced), Chunk("IDAT", Zeros(rows)), End);
    }

    /// <summary>The last chunk.</summary>
    public static byte[] End => Chunk("IEND", []);

    /// <summary>Corrects every chunk's checksum, as long as there are whole chunks.</summary>
    public static void WriteChecksums(byte[] file)
    {
        for (var at = Signature.Length; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            if (length < 0 || at + 12L + length > file.Length)
            {
                return;
            }

            WriteChecksum(file, at, length);
            at += 12 + length;
        }
    }

    private static void WriteChecksum(byte[] file, int at, int length) =>
        BinaryPrimitives.WriteUInt32BigEndian(
            file.AsSpan(at + 8 + length), Crc32.HashToUInt32(file.AsSpan(at + 4, length + 4)));
}
