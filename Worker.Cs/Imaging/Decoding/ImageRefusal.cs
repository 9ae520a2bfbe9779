using FileFormats;

namespace Worker.Imaging;

/// <summary>Why a picture was refused: the sender's fault, except where it says otherwise.</summary>
public enum RefusalReason
{
    /// <summary>Its first bytes are those of no accepted format.</summary>
    UnknownFormat,

    /// <summary>Its format, or this variant of it, is known and has no decoder.</summary>
    Unsupported,

    /// <summary>Its header promises more pixels or memory than the limit.</summary>
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
    /// <summary>200 megapixels, sides to 65,535, 512 MiB, 4 s.</summary>
    public static ImagingLimits Standard { get; } = new(200_000_000, 65_535);

    /// <summary>Bytes of memory for decoding one picture.</summary>
    public long MaxHeld { get; init; } = 512L << 20;

    /// <summary>
    /// Processor time for decoding one picture: estimated before it begins, and measured every few rows.
    /// </summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(4);
}
