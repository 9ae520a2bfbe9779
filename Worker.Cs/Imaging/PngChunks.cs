using System.Buffers.Binary;

namespace Worker.Imaging;

/// <summary>
/// A PNG file without what its pixels don't need: <c>png = signature *chunk</c>,
/// <c>chunk = length type data crc</c>, the length and the checksum 4 bytes each, big-endian.
/// </summary>
/// <remarks>
/// libpng inflates every compressed text before the first row, to 50 MB each: a file of 400 KB takes 1.7 GB and five
/// seconds, whatever its size in pixels.
/// </remarks>
internal static class PngChunks
{
    private const int Signature = 8;

    // Length, type and checksum.
    private const int Frame = 12;

    // Chunks that are read for the pixels or the orientation, or are too short to matter; the critical ones are known
    // by their capital letter.
    private static ReadOnlySpan<byte> Kept => "tRNSeXIfgAMAcHRMsRGBsBITbKGDpHYstIME"u8;

    /// <summary>
    /// Copies to <paramref name="target"/>, at least as long, what is kept; its length. A file that breaks off
    /// within a chunk does so in the copy.
    /// </summary>
    public static int Strip(ReadOnlySpan<byte> png, Span<byte> target)
    {
        var written = Math.Min(Signature, png.Length);
        png[..written].CopyTo(target);
        for (var at = Signature; Next(png, at, out var keep) is var end && end > at; at = end)
        {
            if (keep)
            {
                png[at..end].CopyTo(target[written..]);
                written += end - at;
            }
        }

        return written;
    }

    /// <summary>Where the chunk at <paramref name="at"/> ends; not behind it where there is none.</summary>
    private static int Next(ReadOnlySpan<byte> png, int at, out bool keep)
    {
        keep = true;
        if (at + sizeof(long) > png.Length)
        {
            return Math.Max(at, png.Length);
        }

        var end = Math.Min(png.Length, at + Frame + (long)BinaryPrimitives.ReadUInt32BigEndian(png[at..]));
        var type = png.Slice(at + sizeof(uint), sizeof(uint));
        var known = Kept.IndexOf(type);
        keep = (type[0] & 0x20) == 0 || (known >= 0 && known % sizeof(uint) == 0);
        return (int)end;
    }
}
