using System.Buffers.Binary;

namespace Worker.Imaging;

/// <summary>
/// Reads the orientation from EXIF: <c>exif = ["Exif" 0 0] tiff</c>, <c>tiff = order 42 offset</c> and, at the
/// offset, <c>count *entry</c>, <c>entry = tag type count value</c> of 12 bytes. A value of more than 4 bytes is stored
/// elsewhere, and the entry holds its offset.
/// </summary>
internal static class ExifOrientation
{
    private const int Tag = 0x0112;
    private const int Entry = 12;
    private const int Short = 3;

    private static ReadOnlySpan<byte> Prefix => "Exif\0\0"u8;

    /// <summary>
    /// Returns the number in EXIF, of which only 1 … 8 are valid; 0 if its type is not SHORT as EXIF requires, null if
    /// there is none. PNG and WebP store EXIF without the prefix.
    /// </summary>
    public static int? Read(ReadOnlySpan<byte> exif)
    {
        var tiff = exif.StartsWith(Prefix) ? exif[Prefix.Length..] : exif;
        var little = tiff.StartsWith("II*\0"u8);
        if (!little && !tiff.StartsWith("MM\0*"u8))
        {
            return null;
        }

        var directory = Number(tiff, 4, 4, little);
        var first = directory + 2;
        var end = Math.Min(first + (Entry * Number(tiff, directory, 2, little)), tiff.Length - Entry + 1);
        for (var at = first; at < end; at += Entry)
        {
            if (Number(tiff, at, 2, little) == Tag && Number(tiff, at + 4, 4, little) is var count and > 0)
            {
                return Number(tiff, at + 2, 2, little) == Short ? Value(tiff, at + 8, count, little) : 0;
            }
        }

        return null;
    }

    /// <summary>Returns the first of the numbers; 0 if one of them is out of range.</summary>
    private static int Value(ReadOnlySpan<byte> tiff, long at, long count, bool little)
    {
        var length = 2 * count;
        var start = length > 4 ? Number(tiff, at, 4, little) : at;
        return start + length > tiff.Length ? 0 : (int)Number(tiff, start, 2, little);
    }

    /// <summary>Returns a number of 2 or 4 bytes; 0 if it is out of range.</summary>
    private static long Number(ReadOnlySpan<byte> tiff, long at, int size, bool little)
    {
        if (at + size > tiff.Length)
        {
            return 0;
        }

        var bytes = tiff.Slice((int)at, size);
        return size == 2
            ? little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes)
            : little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
