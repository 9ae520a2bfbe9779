using System.Buffers.Binary;

namespace Scenarios.Pictures;

/// <summary>
/// Writes WebP files chunk by chunk, with lossless images of one colour; these take 14 bytes at any size.
/// </summary>
public static class WebPWriter
{
    /// <summary>Returns a file of these chunks; <paramref name="length"/> overrides the announced length.</summary>
    public static byte[] File(byte[] chunks, uint? length = null)
    {
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. chunks];
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), length ?? (uint)file.Length - 8);
        return file;
    }

    /// <summary>Returns one chunk; <paramref name="length"/> overrides the announced length.</summary>
    public static byte[] Chunk(string type, byte[] data, uint? length = null)
    {
        byte[] chunk = [.. type.Select(letter => (byte)letter), 0, 0, 0, 0, .. data, .. new byte[data.Length & 1]];
        BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(4), length ?? (uint)data.Length);
        return chunk;
    }

    /// <summary>Returns the data of a <c>VP8L</c> chunk: a lossless image of one opaque colour.</summary>
    public static byte[] Lossless(int width, int height, byte red, byte green, byte blue)
    {
        var bits = new List<bool>();
        Add(width - 1, 14);
        Add(height - 1, 14);
        // No alpha, version 0; no transform, colour cache or meta prefix codes.
        Add(0, 1 + 3 + 3);
        foreach (var symbol in (byte[])[green, red, blue, 255])
        {
            // A simple code of one symbol of 8 bits: its pixels take no bits.
            Add(0b101, 3);
            Add(symbol, 8);
        }

        // Distances: one symbol of one bit.
        Add(0b0001, 4);
        byte[] data =
        [
            0x2F,
            .. bits.Chunk(8).Select(eight => eight.Select((bit, i) => bit ? 1 << i : 0).Sum()).Select(sum => (byte)sum)
        ];
        return [.. data, .. new byte[Math.Max(0, 14 - data.Length)]];

        void Add(int value, int length)
        {
            for (var i = 0; i < length; i++)
            {
                bits.Add((value >> i & 1) != 0);
            }
        }
    }

    /// <summary>Returns the header of an animation on a canvas of this size, and its parameters.</summary>
    public static byte[] AnimationHead(int width, int height) =>
        [
            .. Chunk("VP8X", [0x02, 0, 0, 0, .. Three(width - 1), .. Three(height - 1)]),
            .. Chunk("ANIM", [255, 255, 255, 255, 0, 0]),
        ];

    /// <summary>Returns one frame with these chunks.</summary>
    public static byte[] Frame(int left, int top, int width, int height, byte[] chunks) =>
        Chunk(
            "ANMF",
            [
                .. Three(left / 2), .. Three(top / 2),
                .. Three(width - 1), .. Three(height - 1),
                .. Three(100), 0, .. chunks,
            ]);

    /// <summary>Returns an animation of <paramref name="count"/> frames of one pixel, 46 bytes each.</summary>
    public static byte[] Frames(int count)
    {
        var frame = Frame(0, 0, 1, 1, Chunk("VP8L", Lossless(1, 1, 200, 100, 50)));
        var chunks = new MemoryStream();
        chunks.Write(AnimationHead(1, 1));
        for (var i = 0; i < count; i++)
        {
            chunks.Write(frame);
        }

        return File(chunks.ToArray());
    }

    private static byte[] Three(int number) => [(byte)number, (byte)(number >> 8), (byte)(number >> 16)];
}
