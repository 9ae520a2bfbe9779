using NetVips;
using Scenarios.Pictures;

namespace Micro.DecodeCosts;

/// <summary>A generated file for measuring the cost of decoding.</summary>
/// <param name="Name">The format, size and kind.</param>
/// <param name="Encode">Generates the file.</param>
internal sealed record CostSample(string Name, Func<byte[]> Encode)
{
    /// <summary>
    /// Photograph-like images in every format and kind, and small files that are expensive to decode.
    /// </summary>
    public static IEnumerable<CostSample> All()
    {
        foreach (var (width, height) in new[] { (1600, 1200), (4000, 3000), (6000, 4000) })
        {
            yield return Of(
                "JPEG 4:2:0",
                width,
                height,
                image => image.JpegsaveBuffer(q: 85, subsampleMode: Enums.ForeignSubsample.On));
            yield return Of(
                "JPEG 4:4:4",
                width,
                height,
                image => image.JpegsaveBuffer(q: 95, subsampleMode: Enums.ForeignSubsample.Off));
            yield return Of(
                "JPEG progressive 4:2:0",
                width,
                height,
                image => image.JpegsaveBuffer(q: 85, interlace: true, subsampleMode: Enums.ForeignSubsample.On));
            yield return Of(
                "JPEG progressive 4:4:4",
                width,
                height,
                image => image.JpegsaveBuffer(q: 90, interlace: true, subsampleMode: Enums.ForeignSubsample.Off));
            yield return Of("PNG", width, height, image => image.PngsaveBuffer(compression: 6));
            yield return Of(
                "PNG interlaced", width, height, image => image.PngsaveBuffer(compression: 6, interlace: true));
            yield return Of(
                "PNG 16 bits",
                width,
                height,
                image => image.Colourspace(Enums.Interpretation.Rgb16).PngsaveBuffer(compression: 1));
            yield return Of("WebP", width, height, image => image.WebpsaveBuffer(q: 80));
            yield return Of("WebP lossless", width, height, image => image.WebpsaveBuffer(lossless: true, effort: 0));
        }

        yield return Of("GIF", 1600, 1200, image => image.GifsaveBuffer(effort: 1));
        yield return Of("GIF", 4400, 3200, image => image.GifsaveBuffer(effort: 1));
        yield return Of(
            "JPEG 4:2:0",
            12_000,
            9_000,
            image => image.JpegsaveBuffer(q: 70, subsampleMode: Enums.ForeignSubsample.On));
        yield return Of(
            "JPEG progressive 4:2:0",
            8064,
            6048,
            image => image.JpegsaveBuffer(q: 80, interlace: true, subsampleMode: Enums.ForeignSubsample.On));
        yield return Of("JPEG 4:2:0", 65_000, 1000, image => image.JpegsaveBuffer(q: 80));
        var whole = new[] { (2, 2), (2, 2), (2, 2) };
        yield return new(
            "JPEG progressive 4096 x 4096, 2x2 each, 6 scans, empty", new JpegWriter(4096, 4096, whole).FewScans);
        yield return new(
            "JPEG progressive 4096 x 4096, grey, 64 scans, empty",
            () => new JpegWriter(4096, 4096, (1, 1)).Progressive(0));
        yield return new(
            "JPEG 4096 x 4096, a scan a component",
            () => new JpegWriter(4096, 4096, whole) { Frame = 0xC0 }.Sequential(interleaved: false));
        yield return new(
            "WebP lossless 4000 x 3000, one colour",
            () => WebPWriter.File(WebPWriter.Chunk("VP8L", WebPWriter.Lossless(4000, 3000, 1, 2, 3))));
        yield return new("WebP 20,000 frames", () => WebPWriter.Frames(20_000));
    }

    private static CostSample Of(string kind, int width, int height, Func<Image, byte[]> encode) => new(
        $"{kind} {width} x {height}",
        () =>
        {
            using var image = Draw(width, height);
            return encode(image);
        });

    /// <summary>Returns coloured noise with the smoothness of a photograph, from a tile.</summary>
    private static Image Draw(int width, int height)
    {
        const int Side = 1000;
        using var noise = Image.Gaussnoise(Side, Side, sigma: 60, mean: 128, seed: 1);
        using var smooth = noise.Gaussblur(2);
        using var bands = smooth.Bandjoin(smooth.Invert(), smooth.Flip(Enums.Direction.Horizontal));
        using var bytes = bands.Cast(Enums.BandFormat.Uchar);
        using var tile = bytes.Copy(interpretation: Enums.Interpretation.Srgb).CopyMemory();
        using var many = tile.Replicate((width + Side - 1) / Side, (height + Side - 1) / Side);
        return many.Crop(0, 0, width, height);
    }
}
