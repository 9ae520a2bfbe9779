using NetVips;

namespace Worker.Imaging;

/// <summary>
/// Converts every colour space and depth to 8-bit sRGB, as Pillow does: embedded profiles are not applied.
/// </summary>
internal static class Colours
{
    /// <summary>
    /// Returns a lazy image of three 8-bit bands. It replaces <paramref name="image"/>, which the result keeps alive
    /// and the caller must no longer use; for most images it is the same object.
    /// </summary>
    /// <exception cref="VipsException">No supported format has this colour space.</exception>
    public static Image ToRgb8(Image image)
    {
        if (image is { Interpretation: Enums.Interpretation.Srgb, Bands: 3, Format: Enums.BandFormat.Uchar })
        {
            return image;
        }

        using (image)
        {
            return image.Interpretation == Enums.Interpretation.Cmyk ? FromCmyk(image) : FromLight(image);
        }
    }

    /// <summary>Converts grey or RGB, of 8 or 16 bits, with or without alpha.</summary>
    private static Image FromLight(Image image)
    {
        // The shift to 8 bits keeps the high byte, in the alpha band too.
        using var shallow = image.Cast(Enums.BandFormat.Uchar, shift: true);
        using var tagged = shallow.Copy(
            interpretation: image.Bands < 3 ? Enums.Interpretation.Bw : Enums.Interpretation.Srgb);
        var coloured = tagged.Colourspace(Enums.Interpretation.Srgb);
        if (!coloured.HasAlpha())
        {
            return coloured;
        }

        using (coloured)
        {
            return OverWhite(coloured);
        }
    }

    /// <summary>Blends over white and rounds to the nearest level; libvips's own 8-bit blend truncates.</summary>
    private static Image OverWhite(Image image)
    {
        using var exact = image.Cast(Enums.BandFormat.Float);
        using var flat = exact.Flatten(background: [255, 255, 255], maxAlpha: 255);
        return flat.Linear([1], [0.5], uchar: true);
    }

    /// <summary>Converts CMYK: multiplies the light that each ink and black transmit.</summary>
    private static Image FromCmyk(Image image)
    {
        using var light = image.Invert();
        using var inks = light.ExtractBand(0, n: 3);
        using var black = light.ExtractBand(3);
        using var both = inks.Multiply(black);
        using var scaled = both.Linear([1.0 / 255], [0.5]);
        using var rounded = scaled.Cast(Enums.BandFormat.Uchar);
        return rounded.Copy(interpretation: Enums.Interpretation.Srgb);
    }
}
