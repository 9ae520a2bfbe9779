using NetVips;

namespace Worker.Imaging;

/// <summary>
/// Every colour space and depth to sRGB with 8 bits, as Pillow does it: embedded profiles are not applied.
/// </summary>
internal static class Colours
{
    private static readonly double[] White = [255, 255, 255];

    /// <summary>
    /// A lazy picture of three 8-bit bands, in place of <paramref name="image"/>, which the result keeps alive and the
    /// caller has no more to do with; for nearly every picture it is the same.
    /// </summary>
    /// <exception cref="VipsException">A colour space that none of the accepted formats has.</exception>
    public static Image ToRgb8(Image image, in Vips.Header header)
    {
        if (header is { Interpretation: Enums.Interpretation.Srgb, Bands: 3, Format: Enums.BandFormat.Uchar })
        {
            return image;
        }

        using (image)
        {
            return header.Interpretation == Enums.Interpretation.Cmyk ? FromCmyk(image) : FromLight(image, header);
        }
    }

    /// <summary>Grey or RGB, of 8 or 16 bits, with or without alpha.</summary>
    private static Image FromLight(Image image, in Vips.Header header)
    {
        var tag = header.Bands < 3 ? Enums.Interpretation.Bw : Enums.Interpretation.Srgb;
        // The shift to 8 bits keeps the high byte, in the alpha band too.
        using var shallow = image.Cast(Enums.BandFormat.Uchar, shift: true);
        using var tagged = shallow.Copy(interpretation: tag);
        using var coloured = tagged.Colourspace(Enums.Interpretation.Srgb);
        return coloured.HasAlpha() ? coloured.Flatten(White) : coloured.Copy();
    }

    /// <summary>Each of the three inks and black let light through, one after the other.</summary>
    private static Image FromCmyk(Image image)
    {
        using var light = image.Invert();
        using var inks = light.ExtractBand(0, 3);
        using var black = light.ExtractBand(3);
        using var both = inks * black;
        using var scaled = both.Linear([1.0 / 255], [0.5]);
        using var rounded = scaled.Cast(Enums.BandFormat.Uchar);
        return rounded.Copy(interpretation: Enums.Interpretation.Srgb);
    }
}
