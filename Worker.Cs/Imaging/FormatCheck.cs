using FileFormats;

namespace Worker.Imaging;

/// <summary>Checks that a file has a supported format, before any decoder runs.</summary>
internal static class FormatCheck
{
    /// <summary>Returns null if the format is supported, and sets <paramref name="format"/>.</summary>
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
