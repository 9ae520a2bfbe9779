using SkiaSharp;
using static Draw.Colours;
using static Draw.Shapes;

namespace Draw.Pictures;

internal static class Lighthouse
{
    private const float X = 300, Top = 180, Foot = 490, Horizon = 440;
    private static readonly SKColor Red = Rgb(0xD3262B), White = Rgb(0xFBFBF7), Iron = Rgb(0x22262B);

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Ink.Down(0, Horizon, Rgb(0x2F7FC1), Rgb(0xCBE7F5)));
        sheet.Box(0, Horizon, 600, 160, Ink.Down(Horizon, 600, Rgb(0x2D7FA3), Rgb(0x0F4A66)));
        using var rock = Svg("M60 600C90 500 170 480 230 486C300 470 400 480 440 500C500 520 540 560 560 600Z");
        sheet.Fill(rock, Ink.Down(470, 600, Rgb(0x7D8A5A), Rgb(0x4C4A3D)));
        Tower(sheet);
        Lantern(sheet);
        sheet.Box(X - 14, 430, 28, 56, Rgb(0x3B2A20), 14);
        sheet.Box(X - 10, 300, 20, 30, Rgb(0x2B3440), 10);
    }

    private static void Tower(Sheet sheet)
    {
        const int bands = 7;
        static float HalfWidth(float band) => 42 + (22 * band / bands);
        static float Height(float band) => Top + ((Foot - Top) * band / bands);
        using var outline = Band(0, bands);
        sheet.Fill(outline, White);
        for (var band = 0; band < bands; band += 2)
        {
            using var stripe = Band(band, band + 1);
            sheet.Fill(stripe, Red);
        }

        var dark = SKColors.Black;
        sheet.Fill(outline, Ink.Across(X - 64, X + 64, SKColors.White.Faint(.1), dark.Faint(0), dark.Faint(.35)));

        static SKPath Band(int from, int to) => Polygon(
            new(X - HalfWidth(from), Height(from)), new(X + HalfWidth(from), Height(from)),
            new(X + HalfWidth(to), Height(to)), new(X - HalfWidth(to), Height(to)));
    }

    private static void Lantern(Sheet sheet)
    {
        sheet.Box(X - 58, Top - 10, 116, 12, Iron);
        for (var post = -3; post <= 3; post++)
        {
            sheet.Line(X + (post * 18), Top - 10, X + (post * 18), Top - 34, Iron, 3);
        }

        sheet.Line(X - 54, Top - 34, X + 54, Top - 34, Iron, 4);
        sheet.Box(X - 30, Top - 78, 60, 70, Rgb(0xFFE9A0));
        sheet.Glow(X, Top - 45, 90, Rgb(0xFFF2B0).Faint(.8));
        foreach (var x in new[] { -30, -20, 0, 20, 30 })
        {
            sheet.Line(X + x, Top - 78, X + x, Top - 10, Iron, x is -30 or 30 ? 5 : 3);
        }

        using var roof = Polygon(new(X - 40, Top - 78), new(X, Top - 125), new(X + 40, Top - 78));
        sheet.Fill(roof, Red);
        sheet.Disc(X, Top - 130, 8, Iron);
    }
}
