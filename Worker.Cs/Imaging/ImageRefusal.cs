using FileFormats;

namespace Worker.Imaging;

/// <summary>The reason why an image was refused; the sender's fault unless stated otherwise.</summary>
public enum RefusalReason
{
    /// <summary>The first bytes match no supported format.</summary>
    UnknownFormat,

    /// <summary>The format, or this variant of it, is known but not supported.</summary>
    Unsupported,

    /// <summary>The header announces more pixels or memory than the limit.</summary>
    TooLarge,

    /// <summary>Decoding would exceed the time limit.</summary>
    TooCostly,

    /// <summary>
    /// Decoding is expensive, and too many such images wait: not the sender's fault; a later retry may succeed.
    /// </summary>
    Busy,

    /// <summary>The request names a model, or a version of it, that this worker does not have.</summary>
    NoSuchModel,

    /// <summary>
    /// The image can't be fully decoded: truncated, altered, or not of the format that its first bytes show.
    /// </summary>
    Damaged,
}

/// <summary>A refused image.</summary>
/// <param name="Reason">The reason, for programs.</param>
/// <param name="Detail">One line: the decoder's message for a damaged image, else what is wrong and what to do.</param>
public sealed record ImageRefusal(RefusalReason Reason, string Detail)
{
    /// <summary>One line of English for the sender: what is wrong, then what to do.</summary>
    public string Explanation => Reason == RefusalReason.Damaged ? RefusalText.Damaged : Detail;
}

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
