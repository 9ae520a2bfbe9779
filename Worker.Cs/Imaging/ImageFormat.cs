using System.Buffers.Binary;

namespace Worker.Imaging;

/// <summary>The supported formats; all others are refused before any decoder runs.</summary>
public enum ImageFormat
{
    /// <summary>Baseline and progressive, grey, YCbCr, RGB, CMYK and YCCK.</summary>
    Jpeg,

    /// <summary>Every colour type and depth.</summary>
    Png,

    /// <summary>Lossy and lossless; the first frame of an animation.</summary>
    WebP,

    /// <summary>The first frame.</summary>
    Gif,

    /// <summary>Uncompressed and run-length, 1 to 32 bits a pixel.</summary>
    Bmp,

    /// <summary>The first page.</summary>
    Tiff,

    /// <summary>The primary image.</summary>
    Avif,
}

/// <summary>Detects image formats by their first bytes.</summary>
public static class ImageFormats
{
    private static ReadOnlySpan<byte> JpegStart => [0xFF, 0xD8, 0xFF];

    private static ReadOnlySpan<byte> PngStart => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Returns the format, or null if the first bytes match no supported format.</summary>
    public static ImageFormat? Sniff(ReadOnlySpan<byte> picture) => picture switch
    {
        _ when picture.StartsWith(JpegStart) => ImageFormat.Jpeg,
        _ when picture.StartsWith(PngStart) => ImageFormat.Png,
        _ when IsWebP(picture) => ImageFormat.WebP,
        _ when picture.StartsWith("GIF87a"u8) || picture.StartsWith("GIF89a"u8) => ImageFormat.Gif,
        _ when IsBmp(picture) => ImageFormat.Bmp,
        _ when picture.StartsWith("II*\0"u8) || picture.StartsWith("MM\0*"u8) => ImageFormat.Tiff,
        _ when IsAvif(picture) => ImageFormat.Avif,
        _ => null,
    };

    // "BM", the file's length, two reserved numbers, the pixels' offset, and the length of a known header.
    private static bool IsBmp(ReadOnlySpan<byte> picture) =>
        picture.Length >= 26 && picture.StartsWith("BM"u8)
        && BinaryPrimitives.ReadUInt32LittleEndian(picture[14..]) is 12 or 16 or 40 or 52 or 56 or 64 or 108 or 124;

    // A box of type ftyp: the major brand, its version, and the compatible brands, 4 bytes each.
    private static bool IsAvif(ReadOnlySpan<byte> picture)
    {
        if (picture.Length < 16 || !picture[4..].StartsWith("ftyp"u8))
        {
            return false;
        }

        var end = Math.Min(picture.Length, BinaryPrimitives.ReadUInt32BigEndian(picture));
        for (var at = 8; at + 4 <= end; at += 4)
        {
            if (at != 12 && (picture[at..].StartsWith("avif"u8) || picture[at..].StartsWith("avis"u8)))
            {
                return true;
            }
        }

        return false;
    }

    // RIFF, the file's length in four bytes, WEBP.
    private static bool IsWebP(ReadOnlySpan<byte> picture) =>
        picture.Length >= 12 && picture.StartsWith("RIFF"u8) && picture[8..].StartsWith("WEBP"u8);
}
