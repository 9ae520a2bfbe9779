namespace Worker.Imaging;

/// <summary>The limits for one image.</summary>
/// <param name="MaxPixels">
/// Width × height of the first frame, at three bytes a pixel: an image with alpha or 16 bits counts by its bytes.
/// </param>
/// <param name="MaxSide">The maximum width and height, in pixels.</param>
public sealed record ImagingLimits(long MaxPixels, int MaxSide)
{
    /// <summary>The default limits: 200 megapixels, 65,535 pixels per side, 512 MiB, 4 s.</summary>
    public static ImagingLimits Standard { get; } = new(200_000_000, 65_535);

    /// <summary>Bytes of memory for decoding one image.</summary>
    public long MaxHeld { get; init; } = 512L << 20;

    /// <summary>
    /// Processor time for decoding one image: estimated before decoding, and measured every few rows.
    /// </summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(4);
}
