namespace Worker.Imaging;

/// <summary>The formats that are decoded; every other is refused before a decoder sees it.</summary>
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
}

/// <summary>Tells formats apart by their first bytes.</summary>
public static class ImageFormats
{
    private static ReadOnlySpan<byte> JpegStart => [0xFF, 0xD8, 0xFF];

    private static ReadOnlySpan<byte> PngStart => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Null when the bytes begin like none of the accepted formats.</summary>
    public static ImageFormat? Sniff(ReadOnlySpan<byte> picture) => picture switch
    {
        _ when picture.StartsWith(JpegStart) => ImageFormat.Jpeg,
        _ when picture.StartsWith(PngStart) => ImageFormat.Png,
        _ when IsWebP(picture) => ImageFormat.WebP,
        _ when picture.StartsWith("GIF87a"u8) || picture.StartsWith("GIF89a"u8) => ImageFormat.Gif,
        _ => null,
    };

    // RIFF, the file's length in four bytes, WEBP.
    private static bool IsWebP(ReadOnlySpan<byte> picture) =>
        picture.Length >= 12 && picture.StartsWith("RIFF"u8) && picture[8..].StartsWith("WEBP"u8);
}
