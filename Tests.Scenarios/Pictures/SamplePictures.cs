using NetVips;
using Scenarios.Nodes;

namespace Scenarios.Pictures;

/// <summary>Good pictures in every accepted format and encoding, made from one of the repository's samples.</summary>
public static class SamplePictures
{
    /// <summary>Returns the sample with this width in pixels.</summary>
    public static Image Sample(int width)
    {
        using var file = Image.PngloadBuffer(Tree.Sample("hot-air-balloon.png"));
        using var small = file.ThumbnailImage(width);
        using var flat = small.HasAlpha() ? small.Flatten() : small.Copy();
        return flat.CopyMemory();
    }

    /// <summary>Encodes <paramref name="image"/> as JPEG; 4:4:4 if the colours have full resolution.</summary>
    public static byte[] Jpeg(
        Image image, int quality = 90, bool progressive = false, bool wholeColours = false) => image.JpegsaveBuffer(
            q: quality,
            interlace: progressive,
            subsampleMode: wholeColours ? Enums.ForeignSubsample.Off : Enums.ForeignSubsample.On);

    /// <summary>Returns one small picture of each kind, by name.</summary>
    public static IReadOnlyList<(string Name, byte[] File)> All()
    {
        using var image = Sample(320);
        using var alpha = image.AddAlpha();
        using var grey = image.Colourspace(Enums.Interpretation.Bw);
        using var deep = image.Colourspace(Enums.Interpretation.Rgb16);
        using var cmyk = image.Colourspace(Enums.Interpretation.Cmyk);
        using var negative = image.Invert();
        using var both = image.Join(negative, Enums.Direction.Vertical);
        using var film = both.Mutate(header => header.Set(GValue.GIntType, "page-height", image.Height));
        return
        [
            ("jpeg", Jpeg(image)),
            ("jpeg progressive", Jpeg(image, progressive: true)),
            ("jpeg 4:4:4", Jpeg(image, wholeColours: true)),
            ("jpeg grey", Jpeg(grey)),
            ("jpeg cmyk", Jpeg(cmyk)),
            ("png", image.PngsaveBuffer()),
            ("png interlaced", image.PngsaveBuffer(interlace: true)),
            ("png alpha", alpha.PngsaveBuffer()),
            ("png 16 bits", deep.PngsaveBuffer()),
            ("png palette", image.PngsaveBuffer(palette: true)),
            ("webp", image.WebpsaveBuffer(q: 80)),
            ("webp lossless", alpha.WebpsaveBuffer(lossless: true)),
            ("webp animated", film.WebpsaveBuffer(q: 80)),
            ("gif", image.GifsaveBuffer()),
            ("gif animated", film.GifsaveBuffer()),
        ];
    }
}
