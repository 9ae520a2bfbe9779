using NetVips;

namespace Worker.Imaging;

/// <summary>What decoding a picture will take, from its header alone.</summary>
internal static class DecodeCost
{
    // Photographs as the web has them need less.
    private const long MuchHeld = 8L << 20;

    // Bytes of pixels: 24 megapixels, and of a JPEG, which takes less time for each, 48.
    private const long MuchDecoded = 72_000_000;

    /// <summary>
    /// Bytes that decoding holds beside a few rows, from the header alone: 0 for what is decoded row by row.
    /// </summary>
    public static long Needed(VipsImage image, in VipsHeader header, ImageFormat format)
    {
        var pixels = (long)header.Width * header.Height;
        return format switch
        {
            // The canvas, RGBA.
            ImageFormat.Gif => 4 * pixels,
            ImageFormat.WebP => header.Bands * pixels,
            ImageFormat.Png when IsInterlaced(image) => pixels * header.Bands * SampleSize(header),
            // Two bytes a coefficient, and in 4:2:0 half as many coefficients as in 4:4:4.
            ImageFormat.Jpeg when IsInterlaced(image) => 2 * pixels * header.Bands / (HalfColours(image) ? 2 : 1),
            _ => 0,
        };
    }

    /// <summary>Whether it is decoded only when it has the <see cref="CostlyTurn"/>.</summary>
    public static bool IsMuch(in VipsHeader header, long held, ImageFormat format) =>
        held > MuchHeld || Weight(header) / (format == ImageFormat.Jpeg ? 2 : 1) > MuchDecoded;

    /// <summary>Bytes of all its pixels.</summary>
    public static long Weight(in VipsHeader header) => (long)header.Width * header.Height * header.Bands * SampleSize(header);

    /// <summary>Bytes of one band of a pixel.</summary>
    public static int SampleSize(in VipsHeader header) => header.Format == Enums.BandFormat.Uchar ? 1 : 2;

    private static bool IsInterlaced(VipsImage image) => image.Contains("interlaced");

    /// <summary>Whether a JPEG's colours have half the resolution of its light, along either side.</summary>
    public static bool HalfColours(VipsImage image) => image.Says("jpeg-chroma-subsample", "4:2:0"u8);
}
