using System.Buffers.Binary;

namespace Worker.Imaging;

/// <summary>
/// A JPEG file without what its pixels don't need: <c>jpeg = start *segment scans</c>,
/// <c>segment = 1*0xFF marker length data</c>, the length 2 bytes, big-endian, its own included.
/// </summary>
/// <remarks>
/// libvips makes a text of every tag that a camera writes, and a photograph that is decoded at a reduced size is opened
/// twice.
/// </remarks>
internal static class JpegSegments
{
    private const int Start = 2;
    private const int Length = 2;

    /// <summary>
    /// Copies to <paramref name="target"/>, at least as long, what is kept; its length. Everything is from the first
    /// scan on, and from where there is no whole segment: what is damaged there is so in the copy.
    /// </summary>
    public static int Strip(ReadOnlySpan<byte> jpeg, Span<byte> target)
    {
        var written = Math.Min(Start, jpeg.Length);
        jpeg[..written].CopyTo(target);
        var rest = jpeg[written..];
        for (; Next(rest, out var marker, out _) is var end and > 0; rest = rest[end..])
        {
            if (!IsToldOnly(marker))
            {
                rest[..end].CopyTo(target[written..]);
                written += end;
            }
        }

        rest.CopyTo(target[written..]);
        return written + rest.Length;
    }

    /// <summary>
    /// The data of the first EXIF segment that <see cref="Strip"/> leaves out: libvips doesn't look at a second one
    /// either. Empty where there is none.
    /// </summary>
    public static ReadOnlySpan<byte> Exif(ReadOnlySpan<byte> jpeg)
    {
        var rest = jpeg[Math.Min(Start, jpeg.Length)..];
        for (; Next(rest, out var marker, out var data) is var end and > 0; rest = rest[end..])
        {
            if (marker == 0xE1 && data.Length > 4 && data.StartsWith("Exif"u8))
            {
                return data;
            }
        }

        return [];
    }

    /// <summary>APP1 to APP15 and the comment, but Adobe's APP14, which says how the colours are stored.</summary>
    private static bool IsToldOnly(byte marker) => marker is 0xFE or (> 0xE0 and <= 0xEF and not 0xEE);

    /// <summary>
    /// Where the segment that <paramref name="rest"/> begins with ends; 0 where it begins with none, with a scan or
    /// with one that breaks off.
    /// </summary>
    private static int Next(ReadOnlySpan<byte> rest, out byte marker, out ReadOnlySpan<byte> data)
    {
        marker = 0;
        data = [];
        var at = rest.IndexOfAnyExcept((byte)0xFF);
        if (at <= 0 || at + 1 + Length > rest.Length)
        {
            return 0;
        }

        marker = rest[at++];
        var length = BinaryPrimitives.ReadUInt16BigEndian(rest[at..]);
        if (!HasLength(marker) || length < Length || at + length > rest.Length)
        {
            return 0;
        }

        data = rest.Slice(at + Length, length - Length);
        return at + length;
    }

    /// <summary>Not what stands alone (restarts, start and end), no scan and nothing that no file has.</summary>
    private static bool HasLength(byte marker) => marker is >= 0xC0 and not (>= 0xD0 and <= 0xDA);
}
