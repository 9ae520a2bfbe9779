using NetVips;
using Scenarios.Pictures;

namespace Micro.DecodeCosts;

/// <summary>A generated file for measuring the cost of decoding.</summary>
/// <param name="Name">The format, size and kind.</param>
/// <param name="Encode">Generates the file.</param>
internal sealed record CostSample(string Name, Func<byte[]> Encode)
{
    private static readonly (int Width, int Height)[] Sizes = [(1600, 1200), (4000, 3000), (6000, 4000)];

    private static readonly (string Kind, Func<Image, byte[]> Encode)[] Kinds =
    [
        ("JPEG 4:2:0", image => SamplePictures.Jpeg(image, 85)),
        ("JPEG 4:4:4", image => SamplePictures.Jpeg(image, 95, wholeColours: true)),
        ("JPEG progressive 4:2:0", image => SamplePictures.Jpeg(image, 85, progressive: true)),
        ("JPEG progressive 4:4:4", image => SamplePictures.Jpeg(image, 90, progressive: true, wholeColours: true)),
        ("PNG", image => image.PngsaveBuffer(compression: 6)),
        ("PNG interlaced", image => image.PngsaveBuffer(compression: 6, interlace: true)),
        ("PNG 16 bits", image => image.Colourspace(Enums.Interpretation.Rgb16).PngsaveBuffer(compression: 1)),
        ("WebP", image => image.WebpsaveBuffer(q: 80)),
        ("WebP lossless", image => image.WebpsaveBuffer(lossless: true, effort: 0)),
    ];

    private static readonly (int Across, int Down)[] HalfColours = [(2, 2), (2, 2), (2, 2)];

    /// <summary>
    /// Photograph-like images in every format and kind, and small files that are expensive to decode.
    /// </summary>
    public static IEnumerable<CostSample> All() =>
    [
        .. from size in Sizes
           from kind in Kinds
           select Of(kind.Kind, size.Width, size.Height, kind.Encode),
        Of("GIF", 1600, 1200, image => image.GifsaveBuffer(effort: 1)),
        Of("GIF", 4400, 3200, image => image.GifsaveBuffer(effort: 1)),
        Of("JPEG 4:2:0", 12_000, 9_000, image => SamplePictures.Jpeg(image, 70)),
        Of("JPEG progressive 4:2:0", 8064, 6048, image => SamplePictures.Jpeg(image, 80, progressive: true)),
        Of("JPEG 4:2:0", 65_000, 1000, image => SamplePictures.Jpeg(image, 80)),
        new(
            "JPEG progressive 4096 x 4096, 2x2 each, 6 scans, empty",
            new JpegWriter(4096, 4096, HalfColours).FewScans),
        new(
            "JPEG progressive 4096 x 4096, grey, 64 scans, empty",
            () => new JpegWriter(4096, 4096, (1, 1)).Progressive(0)),
        new(
            "JPEG 4096 x 4096, a scan a component",
            () => new JpegWriter(4096, 4096, HalfColours) { Frame = 0xC0 }.Sequential(interleaved: false)),
        new(
            "WebP lossless 4000 x 3000, one colour",
            () => WebPWriter.File(WebPWriter.Chunk("VP8L", WebPWriter.Lossless(4000, 3000, 1, 2, 3)))),
        new("WebP 20,000 frames", () => WebPWriter.Frames(20_000)),
    ];

    private static CostSample Of(string kind, int width, int height, Func<Image, byte[]> encode) => new(
        $"{kind} {width} x {height}",
        () =>
        {
            using var image = NoisePicture.Draw(width, height);
            return encode(image);
        });
}
