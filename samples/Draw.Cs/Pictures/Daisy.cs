using SkiaSharp;
using static Draw.Colours;
using static Draw.Shapes;

namespace Draw.Pictures;

internal static class Daisy
{
    private const int Petals = 18, Florets = 140;
    private const float X = 300, Y = 300, Heart = 72;
    private static readonly SKColor Shade = Rgb(0xC9D3E2);

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Ink.Down(0, 600, Rgb(0x5C9A48), Rgb(0x245A27)));
        for (var petal = 0; petal < 2 * Petals; petal++)
        {
            var front = petal >= Petals;
            var degrees = ((petal % Petals) + (front ? .5f : 0)) * 360f / Petals;
            var length = 240 * (front ? .93f : 1) * (1 + (.03f * MathF.Sin(petal * 2.1f)));
            sheet.Placed(X, Y, degrees + (4 * MathF.Sin(petal * 3)), () => Petal(sheet, length));
        }

        sheet.Disc(X, Y + 6, Heart, Ink.Shadow(.3, 8));
        sheet.Disc(X, Y, Heart, Ink.Ball(285, 280, Heart * 1.2f, Rgb(0xFFD633), Rgb(0xD98A00)));
        for (var floret = 1; floret < Florets; floret++)
        {
            const double goldenAngle = 137.508;
            var place = At(X, Y, Heart * .94 * Math.Sqrt(floret / (double)Florets), floret * goldenAngle);
            sheet.Disc(
                place.X, place.Y, 3.1f, floret % 2 == 0 ? Rgb(0xF9E27A).Faint(.8) : Rgb(0xA86400).Faint(.6));
        }
    }

    private static void Petal(Sheet sheet, float length)
    {
        const float width = 34;
        using var outline = new SKPath();
        outline.MoveTo(0, 0);
        outline.CubicTo(-width, -length * .35f, -width * 1.15f, -length, 0, -length);
        outline.CubicTo(width * 1.15f, -length, width, -length * .35f, 0, 0);
        sheet.Fill(outline, Ink.Down(-length, 0, SKColors.White, Shade));
        sheet.Stroke(outline, Shade.Darker(.15).Faint(.35), 1.5f);
        sheet.Line(0, -length * .25f, 0, -length * .85f, Shade.Faint(.6), 2);
    }
}
