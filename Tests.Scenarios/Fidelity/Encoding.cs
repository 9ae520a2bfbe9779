using System.Runtime.InteropServices;
using NetVips;
using SkiaSharp;

namespace Scenarios.Fidelity;

/// <summary>A way to store a picture.</summary>
/// <param name="Name">The name in tables.</param>
/// <param name="Encode">Encodes three bands of 8 bits as a file.</param>
internal sealed record Encoding(string Name, Func<Image, byte[]> Encode)
{
    /// <summary>
    /// JPEG at several qualities and subsamplings, baseline and progressive, and the formats without these options.
    /// </summary>
    public static IReadOnlyList<Encoding> All { get; } =
    [
        new("JPEG 95 4:4:4", image => Jpeg(image, 95, halved: false)),
        new("JPEG 85 4:2:0", image => Jpeg(image, 85, halved: true)),
        new("JPEG 90 4:2:2", image => Skia(image, 90)),
        new("JPEG 60 4:2:0", image => Jpeg(image, 60, halved: true)),
        new("PNG", image => image.PngsaveBuffer(compression: 1)),
        new("JPEG 85 4:2:0 progressive", image => Jpeg(image, 85, halved: true, progressive: true)),
        new("JPEG 40 4:2:0", image => Jpeg(image, 40, halved: true)),
        new("WebP 80", image => image.WebpsaveBuffer(q: 80, effort: 0)),
        new("JPEG 75 4:4:4 progressive", image => Jpeg(image, 75, halved: false, progressive: true)),
        new("JPEG 90 grey", image => Grey(image, 90)),
        new("JPEG 75 4:2:0", image => Jpeg(image, 75, halved: true)),
        new("JPEG 98 4:2:0", image => Jpeg(image, 98, halved: true)),
        new("JPEG 75 4:2:2", image => Skia(image, 75)),
    ];

    /// <summary>
    /// Returns a random encoding: JPEG with a quality between 35 and 98; unless <paramref name="jpeg"/> is set, also
    /// PNG or WebP.
    /// </summary>
    public static Encoding Drawn(Random lot, bool jpeg)
    {
        var (quality, progressive) = (lot.Next(35, 99), lot.Next(4) == 0);
        return lot.Next(jpeg ? 7 : 10) switch
        {
            0 or 1 => new(
                $"JPEG {quality} 4:4:4{Mark(progressive)}", image => Jpeg(image, quality, halved: false, progressive)),
            2 or 3 or 4 => new(
                $"JPEG {quality} 4:2:0{Mark(progressive)}", image => Jpeg(image, quality, halved: true, progressive)),
            5 => new($"JPEG {quality} 4:2:2", image => Skia(image, quality)),
            6 => new($"JPEG {quality} grey", image => Grey(image, quality)),
            7 => new("PNG", image => image.PngsaveBuffer(compression: 1)),
            _ => new($"WebP {quality}", image => image.WebpsaveBuffer(q: quality, effort: 0)),
        };
    }

    private static string Mark(bool progressive) => progressive ? " progressive" : "";

    private static byte[] Jpeg(Image image, int quality, bool halved, bool progressive = false) => image.JpegsaveBuffer(
        q: quality,
        subsampleMode: halved ? Enums.ForeignSubsample.On : Enums.ForeignSubsample.Off,
        interlace: progressive);

    private static byte[] Grey(Image image, int quality)
    {
        using var grey = image.Colourspace(Enums.Interpretation.Bw);
        return grey.JpegsaveBuffer(q: quality);
    }

    /// <summary>libvips can't write 4:2:2.</summary>
    private static byte[] Skia(Image image, int quality)
    {
        using var opaque = image.Bandjoin(255);
        var pixels = opaque.WriteToMemory<byte>();
        var form = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var bitmap = new SKBitmap(form);
        Marshal.Copy(pixels, 0, bitmap.GetPixels(), pixels.Length);
        using var map = bitmap.PeekPixels();
        using var data = map.Encode(new SKJpegEncoderOptions(
            quality, SKJpegEncoderDownsample.Downsample422, SKJpegEncoderAlphaOption.Ignore));
        return data?.ToArray() ?? throw new InvalidOperationException("Skia wrote no JPEG.");
    }
}
