using Recognition.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Recognize.Reports;

/// <summary>
/// Draws a class activation map: the picture in grey, with warmer colours where the class is stronger. A character
/// shows two pixels; without colours, darker characters mean more. A class that is hardly probable is hardly drawn.
/// </summary>
/// <param name="map">The map, with width × height cells.</param>
/// <param name="picture">The picture below the map, <see cref="Thumbnails.Side"/> square; null for none.</param>
internal sealed class HeatMap(ActivationMap map, Color[]? picture) : Renderable
{
    private const int Side = Thumbnails.Side;

    private readonly double strength = Math.Clamp(map.Strength ?? 1, 0, 1);

    // Dark purple over red and orange to light yellow.
    private static readonly Color[] Ramp = [new(60, 10, 110), new(190, 45, 90), new(250, 130, 30), new(255, 235, 130)];

    /// <inheritdoc/>
    protected override Measurement Measure(RenderOptions options, int maxWidth) => new(Side, Side);

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var coloured = options.ColorSystem is not (ColorSystem.NoColors or ColorSystem.Legacy or ColorSystem.Standard);
        var width = Math.Min(Side, maxWidth);
        for (var y = 0; y < Side; y += 2)
        {
            for (var x = 0; x < width; x++)
            {
                yield return coloured
                    ? new Segment("▀", new Style(Pixel(x, y), Pixel(x, y + 1)))
                    : new Segment(Shade((Heat(x, y) + Heat(x, y + 1)) / 2, options.Unicode));
            }

            yield return Segment.LineBreak;
        }
    }

    private static string Shade(double heat, bool unicode)
    {
        var shades = unicode ? " ░▒▓█" : " .:*#";
        return shades[(int)Math.Min(heat * shades.Length, shades.Length - 1)].ToString();
    }

    private Color Pixel(int x, int y)
    {
        var heat = Heat(x, y);
        if (picture is null)
        {
            return Warmth(heat);
        }

        var under = picture[(y * Side) + x];
        var grey = (byte)((0.3 * under.R) + (0.59 * under.G) + (0.11 * under.B));
        return new Color(grey, grey, grey).Blend(Warmth(heat), (float)(0.75 * heat));
    }

    private static Color Warmth(double heat)
    {
        var at = heat * (Ramp.Length - 1);
        var step = Math.Min((int)at, Ramp.Length - 2);
        return Ramp[step].Blend(Ramp[step + 1], (float)(at - step));
    }

    /// <summary>Interpolates the heat, 0 … 1, from the four nearest cells. Negative values count as 0.</summary>
    private double Heat(int x, int y)
    {
        var (left, right, across) = Between(x, map.Width);
        var (top, bottom, down) = Between(y, map.Height);
        var upper = Mix(Cell(left, top), Cell(right, top), across);
        var lower = Mix(Cell(left, bottom), Cell(right, bottom), across);
        var floor = Math.Max(map.Lowest, 0);
        return map.Highest > floor
            ? strength * Math.Clamp((Mix(upper, lower, down) - floor) / (map.Highest - floor), 0, 1)
            : 0;
    }

    private double Cell(int x, int y) =>
        map.Lowest + ((map.Highest - map.Lowest) * map.Cells[(y * map.Width) + x] / 255);

    private static (int From, int To, double Part) Between(int at, int cells)
    {
        var place = Math.Clamp(((at + 0.5) * cells / Side) - 0.5, 0, cells - 1);
        var from = (int)place;
        return (from, Math.Min(from + 1, cells - 1), place - from);
    }

    private static double Mix(double one, double other, double part) => one + ((other - one) * part);
}
