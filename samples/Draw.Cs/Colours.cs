using SkiaSharp;

namespace Draw;

/// <summary>Colours in the designers' notation, and mixtures of them.</summary>
public static class Colours
{
    /// <summary>Returns the opaque colour <c>0xRRGGBB</c>.</summary>
    public static SKColor Rgb(uint value) => new(0xFF000000 | value);

    /// <summary>Returns the same colour with an <paramref name="opacity"/> from 0 (invisible) to 1.</summary>
    public static SKColor Faint(this SKColor colour, double opacity) =>
        colour.WithAlpha((byte)Math.Round(255 * opacity));

    /// <summary>Mixes with another colour: <paramref name="share"/> 0 is this one, 1 the other.</summary>
    public static SKColor Mix(this SKColor colour, SKColor other, double share)
    {
        byte Between(byte a, byte b) => (byte)Math.Round(a + ((b - a) * share));
        return new(
            Between(colour.Red, other.Red),
            Between(colour.Green, other.Green),
            Between(colour.Blue, other.Blue),
            colour.Alpha);
    }

    public static SKColor Lighter(this SKColor colour, double share) => colour.Mix(SKColors.White, share);

    public static SKColor Darker(this SKColor colour, double share) => colour.Mix(SKColors.Black, share);
}
