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
    public static VipsImage ToRgb8(VipsImage image, in VipsHeader header)
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

    /// <summary>Converts grey or RGB, of 8 or 16 bits, with or without alpha.</summary>
    private static VipsImage FromLight(VipsImage image, in VipsHeader header)
    {
        // The shift to 8 bits keeps the high byte, in the alpha band too.
        using var shallow = image.Apply("cast"u8, ("format", "uchar"), ("shift", "true"));
        using var tagged = shallow.Apply("copy"u8, ("interpretation", header.Bands < 3 ? "b-w" : "srgb"));
        var coloured = tagged.Apply("colourspace"u8, ("space", "srgb"));
        if (!coloured.HasAlpha)
        {
            return coloured;
        }

        using (coloured)
        {
            return OverWhite(coloured);
        }
    }

    /// <summary>Blends over white and rounds to the nearest level; libvips's own 8-bit blend truncates.</summary>
    private static VipsImage OverWhite(VipsImage image)
    {
        using var exact = image.Apply("cast"u8, ("format", "float"));
        using var flat = exact.Apply("flatten"u8, ("background", "255 255 255"), ("max_alpha", "255"));
        return flat.Apply("linear"u8, ("a", "1"), ("b", "0.5"), ("uchar", "true"));
    }

    /// <summary>Converts CMYK: multiplies the light that each ink and black transmit.</summary>
    private static VipsImage FromCmyk(VipsImage image)
    {
        using var light = image.Apply("invert"u8);
        using var inks = light.Apply("extract_band"u8, ("band", "0"), ("n", "3"));
        using var black = light.Apply("extract_band"u8, ("band", "3"));
        using var both = inks.Times(black);
        using var scaled = both.Apply("linear"u8, ("a", "0.00392156862745098"), ("b", "0.5"));
        using var rounded = scaled.Apply("cast"u8, ("format", "uchar"));
        return rounded.Apply("copy"u8, ("interpretation", "srgb"));
    }
}
