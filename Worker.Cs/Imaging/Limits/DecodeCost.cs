using Worker.Imaging.Containers;

namespace Worker.Imaging;

/// <summary>
/// The estimated cost of decoding an image, from its structure alone. <c>bench/Micro -- decode-cost</c> compares the
/// estimates with measurements.
/// </summary>
/// <param name="Bytes">Peak memory, including the compressed file.</param>
/// <param name="Time">Processor time.</param>
internal readonly record struct DecodeCost(long Bytes, TimeSpan Time)
{
    // Typical web photographs need less.
    private const long LargeBytes = 40L << 20;

    private const int CoefficientBytes = 128;

    // The number of decoded rows that libvips keeps when it decodes row by row.
    private const int RowsHeld = 2400;

    // Bytes a pixel for formats that libvips decodes whole: a frame, the canvas and the image; lossless pixels once
    // more.
    private const int GifBytes = 5;
    private const int WebPBytes = 13;
    private const int LosslessBytes = 20;
    private const int AvifBytes = 12;

    // A lossless WebP may have up to 2^16 groups of prefix codes, one for every 4 x 4 pixels, each of 20 bits in the
    // file and this many bytes in the decoder. libwebp writes 2,600 at most; only its decoder can count them.
    private const int GroupBytes = 5700;
    private const int MaxGroups = 1 << 16;
    private const int GroupBits = 20;
    private const int GroupPixels = 16;

    private static readonly TimeSpan LargeTime = TimeSpan.FromMilliseconds(400);

    /// <summary>Memory that a malicious file may need beyond <see cref="Bytes"/>.</summary>
    public long HiddenBytes { get; init; }

    /// <summary>Whether the image is large. Only one large image is decoded at a time.</summary>
    public bool IsLarge => Bytes + HiddenBytes > LargeBytes || Time > LargeTime;

    /// <summary>Estimates the cost of an image that is decoded at 1/<paramref name="shrink"/> of its size.</summary>
    public static DecodeCost Estimate(in ImageInfo info, int shrink)
    {
        var time = TimeSpan.FromMicroseconds(EstimateNanoseconds(info) / 1000);
        var groups = Math.Min(info.Pixels / GroupPixels, 8 * info.LosslessBytes / GroupBits);
        return new(info.CompressedBytes + EstimateBytes(info, shrink), time)
        {
            HiddenBytes = GroupBytes * Math.Min(MaxGroups, groups),
        };
    }

    private static long EstimateBytes(in ImageInfo info, int shrink)
    {
        var rows = (long)info.Width / shrink * Math.Min(RowsHeld, info.Height / shrink) * info.Bands * info.SampleBytes;
        return info.Format switch
        {
            ImageFormat.Jpeg => rows + (info.HoldsCoefficients ? CoefficientBytes * info.Blocks : 0),
            ImageFormat.Png => info.IsInterlaced ? info.DecodedBytes : rows,
            ImageFormat.Tiff => rows + (2 * info.HeldBytes),
            ImageFormat.Avif => AvifBytes * info.SampleBytes * info.CodedPixels,
            // The decoded pixels, and a copy for libvips.
            ImageFormat.Bmp => 2 * info.DecodedBytes,
            ImageFormat.WebP => info.Pixels * (info.IsLossless ? LosslessBytes : WebPBytes),
            _ => info.Pixels * GifBytes,
        };
    }

    /// <summary>Estimates nanoseconds by byte, segment, block and pixel, as measured on an AMD EPYC of 2024.</summary>
    private static double EstimateNanoseconds(in ImageInfo info) => (200.0 * info.Segments) + info.Format switch
    {
        ImageFormat.Jpeg when info.HoldsCoefficients =>
            (info.IsArithmetic ? 2 : 1)
            * ((30.0 * info.CompressedBytes) + (150.0 * info.Blocks) + (14.0 * info.BlockVisits)),
        ImageFormat.Jpeg => (info.IsArithmetic ? 6 : 1) * ((10.0 * info.CompressedBytes) + (100.0 * info.Blocks)),
        ImageFormat.Png => (info.IsInterlaced ? 6.0 : 3.0) * info.DecodedBytes,
        ImageFormat.Tiff => 8.0 * info.DecodedBytes,
        ImageFormat.Avif => 60.0 * info.SampleBytes * info.CodedPixels,
        ImageFormat.Bmp => 3.0 * info.DecodedBytes,
        ImageFormat.WebP => ((info.IsLossless ? 30.0 : 60.0) * info.CompressedBytes) + (15.0 * info.Pixels),
        _ => 10.0 * info.Pixels,
    };
}
