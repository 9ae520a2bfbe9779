using System.Collections.Frozen;
using FileFormats;

namespace Worker.Imaging;

/// <summary>Checks that a file has a supported format, before any decoder runs.</summary>
internal static class FormatCheck
{
    private static readonly FrozenDictionary<string, ImageFormat> Formats = new Dictionary<string, ImageFormat>
    {
        ["image/jpeg"] = ImageFormat.Jpeg,
        ["image/png"] = ImageFormat.Png,
        ["image/webp"] = ImageFormat.WebP,
        ["image/gif"] = ImageFormat.Gif,
        ["image/bmp"] = ImageFormat.Bmp,
        ["image/tiff"] = ImageFormat.Tiff,
        ["image/avif"] = ImageFormat.Avif,
    }.ToFrozenDictionary();

    /// <summary>Returns null if the format is supported, and sets <paramref name="format"/>.</summary>
    public static ImageRefusal? Check(ReadOnlySpan<byte> bytes, out ImageFormat format)
    {
        format = default;
        return FormatDetector.Identify(bytes) switch
        {
            { MediaType: null } unsupported => new(RefusalReason.Unsupported, unsupported.Refusal),
            { MediaType: var type } when Formats.TryGetValue(type, out format) => null,
            _ => new(RefusalReason.UnknownFormat, RefusalText.UnknownFormat),
        };
    }
}
