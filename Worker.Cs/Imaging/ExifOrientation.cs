using System.Buffers.Binary;

namespace Worker.Imaging;

/// <summary>
/// What EXIF says of a picture's orientation: <c>exif = "Exif" 0 0 tiff</c>, <c>tiff = order 42 offset</c> and, at the
/// offset, <c>count *entry</c>, <c>entry = tag type count value</c> of 12 bytes, in which a value of more than 4 bytes
/// is the offset where it lies.
/// </summary>
/// <remarks>
/// Reads what libvips does by libexif, so that a picture lies the same whoever reads it, but for fractions: it would take
/// their numerator. Where it reads nothing, here is 0.
/// </remarks>
internal static class ExifOrientation
{
    private const int Tag = 0x0112;
    private const int Entry = 12;

    // libvips doesn't read numbers where there are more.
    private const int MostNumbers = 9;

    // Bytes of one number, by its type: whole ones are 1, 3 and 4, and with a sign 6, 8 and 9.
    private static ReadOnlySpan<byte> Sizes => [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

    private static ReadOnlySpan<byte> Prefix => "Exif\0\0"u8;

    /// <summary>
    /// EXIF's 1 … 8, or any other number where it is malformed or has no orientation. PNG and WebP store it without the
    /// prefix.
    /// </summary>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        var tiff = exif.StartsWith(Prefix) ? exif[Prefix.Length..] : exif;
        var little = tiff.StartsWith("II*\0"u8);
        if (!little && !tiff.StartsWith("MM\0*"u8))
        {
            return 0;
        }

        long directory = Number(tiff, 4, 4, little);
        var first = directory + 2;
        var end = Math.Min(first + (Entry * Number(tiff, directory, 2, little)), tiff.Length - Entry + 1);
        for (var at = first; at < end; at += Entry)
        {
            if (Number(tiff, at, 2, little) == Tag && Value(tiff, at, little) is { } value)
            {
                return value;
            }
        }

        return 0;
    }

    /// <summary>
    /// The first of an entry's numbers, its low 16 bits; 0 where it has no whole ones or too many; null where it has
    /// none at all or lies outside.
    /// </summary>
    private static int? Value(ReadOnlySpan<byte> tiff, long entry, bool little)
    {
        var type = (int)Number(tiff, entry + 2, 2, little);
        var size = type < Sizes.Length ? Sizes[type] : 0;
        var count = Number(tiff, entry + 4, 4, little);
        var length = size * count;
        var at = length > 4 ? Number(tiff, entry + 8, 4, little) : entry + 8;
        return length == 0 || at + length > tiff.Length ? null
            : type is 1 or 3 or 4 or 6 or 8 or 9 && count <= MostNumbers ? (ushort)Number(tiff, at, size, little)
            : 0;
    }

    /// <summary>A number of 1, 2 or 4 bytes; 0 where it lies outside.</summary>
    private static long Number(ReadOnlySpan<byte> tiff, long at, int size, bool little)
    {
        if (at + size > tiff.Length)
        {
            return 0;
        }

        var bytes = tiff.Slice((int)at, size);
        return size switch
        {
            1 => bytes[0],
            2 => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes),
            _ => little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes),
        };
    }
}
