using SkiaSharp;

namespace Draw;

/// <summary>Colours written as designers write them, and their neighbours.</summary>
public static class Colours
{
    /// <summary>The opaque colour <c>0xRRGGBB</c>.</summary>
    public static SKColor Rgb(uint value) => new(0xFF000000 | value);

    /// <summary>The same colour, <paramref name="opacity"/> from 0 (unseen) to 1.</summary>
    public static SKColor Faint(this SKColor colour, double opacity) =>
        colour.WithAlpha((byte)Math.Round(255 * opacity));

    /// <summary>Part way to another colour: <paramref name="share"/> 0 is this one, 1 the other.</summary>
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
