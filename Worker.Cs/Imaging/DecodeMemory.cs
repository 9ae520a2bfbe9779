using NetVips;

namespace Worker.Imaging;

/// <summary>
/// A picture's leave to hold itself whole in memory while it is decoded. Those that need much have it one after the
/// other, however many lanes there are; disposing passes it on.
/// </summary>
internal readonly struct DecodeMemory : IDisposable
{
    // Photographs as the web has them need less.
    private const long Much = 8L << 20;

    private static readonly SemaphoreSlim Turn = new(1);

    private readonly bool taken;

    private DecodeMemory(bool taken) => this.taken = taken;

    /// <summary>
    /// Bytes that decoding holds beside a few rows, from the header alone: 0 for what is decoded row by row.
    /// </summary>
    public static long Needed(Image image, in Vips.Header header, ImageFormat format)
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

    /// <summary>Waits for its turn where <paramref name="needed"/> bytes are much.</summary>
    public static DecodeMemory Take(long needed)
    {
        if (needed > Much)
        {
            Turn.Wait();
        }

        return new DecodeMemory(needed > Much);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (taken)
        {
            Turn.Release();
        }
    }

    private static bool IsInterlaced(Image image) => image.Contains("interlaced");

    private static int SampleSize(in Vips.Header header) => header.Format == Enums.BandFormat.Uchar ? 1 : 2;

    /// <summary>Whether a JPEG's colours have half the resolution of its light, along either side.</summary>
    public static bool HalfColours(Image image) =>
        image.Contains("jpeg-chroma-subsample") && (string)image.Get("jpeg-chroma-subsample") == "4:2:0";
}
