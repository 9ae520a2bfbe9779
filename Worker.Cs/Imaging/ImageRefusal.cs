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
