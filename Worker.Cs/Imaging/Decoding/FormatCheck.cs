using FileFormats;

namespace Worker.Imaging;

/// <summary>Checks that a file is of a format that is decoded, before a decoder sees it.</summary>
internal static class FormatCheck
{
    /// <summary>Returns null for a file of a format that is decoded, which is <paramref name="format"/> then.</summary>
    public static ImageRefusal? Check(ReadOnlySpan<byte> bytes, out ImageFormat format)
    {
        format = default;
        switch (FormatDetector.Identify(bytes))
        {
            case { IsSupported: false } unsupported:
                return new ImageRefusal(RefusalReason.Unsupported, unsupported.Refusal);
            case not null when ImageFormats.Sniff(bytes) is { } found:
                format = found;
                return null;
            default:
                return new ImageRefusal(RefusalReason.UnknownFormat, RefusalText.UnknownFormat);
        }
    }
}
