using System.Diagnostics;
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
            case null:
                return new ImageRefusal(RefusalReason.UnknownFormat, RefusalText.UnknownFormat);
            case { MediaType: null } unsupported:
                return new ImageRefusal(RefusalReason.Unsupported, unsupported.Refusal);
            case { MediaType: var mediaType }:
                format = Of(mediaType);
                return null;
        }
    }

    private static ImageFormat Of(string mediaType) => mediaType switch
    {
        "image/jpeg" => ImageFormat.Jpeg,
        "image/png" => ImageFormat.Png,
        "image/webp" => ImageFormat.WebP,
        "image/gif" => ImageFormat.Gif,
        "image/bmp" => ImageFormat.Bmp,
        "image/tiff" => ImageFormat.Tiff,
        "image/avif" => ImageFormat.Avif,
        _ => throw new UnreachableException(mediaType),
    };
}
