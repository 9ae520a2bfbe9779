using SkiaSharp;
using static Draw.Colours;
using static Draw.Shapes;

namespace Draw.Pictures;

internal static class Honeycomb
{
    private const float Side = 46;
    private static readonly float Across = Side * MathF.Sqrt(3);

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Rgb(0xF2B632));
        for (var row = -1; row < 11; row++)
        {
            for (var column = -1; column < 9; column++)
            {
                var x = (column + (row % 2 == 0 ? 0 : .5f)) * Across;
                var fullness = .5 + (.5 * Math.Sin((column * 2.1) + (row * 3.7) + Math.Sin(column * row)));
                Cell(sheet, x, row * Side * 1.5f, fullness);
            }
        }
    }

    /// <param name="fullness">From 0, empty and dark, to 1, full of honey.</param>
    private static void Cell(Sheet sheet, float x, float y, double fullness)
    {
        using var outline = Polygon(Enumerable.Range(0, 6).Select(corner => At(x, y, Side * .86, corner * 60)));
        var honey = Rgb(0xD97C08).Mix(Rgb(0xF7C04A), fullness * .7);
        sheet.Fill(outline, Ink.Ball(x - (Side * .2f), y - (Side * .25f), Side * 1.2f, honey, Rgb(0x7A3B04)));
        sheet.Stroke(outline, Rgb(0xFFE08A), 3);
        if (fullness > .35)
        {
            sheet.Oval(x - (Side * .25f), y - (Side * .35f), Side * .2f, Side * .1f, SKColors.White.Faint(.5));
        }
    }
}
