using NetVips;

namespace Worker.Imaging;

/// <summary>Every colour space and depth to sRGB with 8 bits, as Pillow does it: embedded profiles are not applied.</summary>
internal static class Colours
{
    private static readonly double[] White = [255, 255, 255];

    /// <summary>A lazy picture of three 8-bit bands; the caller disposes it, and <paramref name="image"/> as well.</summary>
    /// <exception cref="VipsException">A colour space that none of the accepted formats has.</exception>
    public static Image ToRgb8(Image image)
    {
        if (image is { Interpretation: Enums.Interpretation.Srgb, Bands: 3, Format: Enums.BandFormat.Uchar })
        {
            return image.Copy();
        }

        if (image.Interpretation == Enums.Interpretation.Cmyk)
        {
            return FromCmyk(image);
        }

        // The shift to 8 bits keeps the high byte, in the alpha band too.
        using var shallow = image.Format == Enums.BandFormat.Uchar ? image.Copy() : image.Cast(Enums.BandFormat.Uchar, shift: true);
        using var tagged = shallow.Copy(interpretation: shallow.Bands < 3 ? Enums.Interpretation.Bw : Enums.Interpretation.Srgb);
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
