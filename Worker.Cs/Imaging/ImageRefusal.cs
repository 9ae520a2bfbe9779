using FileFormats;

namespace Worker.Imaging;

/// <summary>Why a picture was refused: the sender's fault, except where it says otherwise.</summary>
public enum RefusalReason
{
    /// <summary>Its first bytes are those of no accepted format.</summary>
    UnknownFormat,

    /// <summary>Its format is known, and not decoded.</summary>
    Unsupported,

    /// <summary>Its header promises more pixels, frames or memory than the limit.</summary>
    TooLarge,

    /// <summary>Decoding it takes longer than it may.</summary>
    TooCostly,

    /// <summary>
    /// Decoding it costs much, and too many such pictures are before it: not the sender's fault, and the same picture is
    /// taken later.
    /// </summary>
    Busy,

    /// <summary>It can't be decoded to its end: truncated, altered, or not what its first bytes say.</summary>
    Damaged,
}

/// <summary>A refused picture.</summary>
/// <param name="Reason">For programs.</param>
/// <param name="Detail">One line: of a damaged picture the decoder's message, else what is wrong and what to do.</param>
public sealed record ImageRefusal(RefusalReason Reason, string Detail)
{
    /// <summary>One line of English for the sender: what is wrong, then what to do.</summary>
    public string Explanation => Reason == RefusalReason.Damaged ? RefusalText.Damaged : Detail;
}

/// <summary>What a picture may cost.</summary>
/// <param name="MaxPixels">
/// Width × height, of the first frame, of three bytes each: one with alpha or 16 bits counts by its bytes, as decoding it does.
/// </param>
/// <param name="MaxSide">Of width and of height, in pixels.</param>
public sealed record ImagingLimits(long MaxPixels, int MaxSide)
{
    /// <summary>100 megapixels, sides to 65,535, 48 MiB, 10,000 frames.</summary>
    public static ImagingLimits Standard { get; } = new(100_000_000, 65_535);

    /// <summary>
    /// Bytes that a picture may need which can't be decoded row by row: WebP, GIF, progressive JPEG, interlaced PNG.
    /// </summary>
    public long MaxHeld { get; init; } = 48L << 20;

    /// <summary>
    /// Of a processor, for decoding one picture; looked at every few rows. A lane is busy no longer, and a worker is not
    /// taken for one that hangs.
    /// </summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Of an animation, though only its first frame is decoded: the decoder looks for all.</summary>
    public int MaxFrames { get; init; } = 10_000;
}
