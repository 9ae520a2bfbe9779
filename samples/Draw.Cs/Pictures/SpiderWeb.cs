using SkiaSharp;
using static Draw.Colours;
using static Draw.Shapes;

namespace Draw.Pictures;

internal static class SpiderWeb
{
    private const int Spokes = 16, Rings = 13;
    private const float X = 300, Y = 290;
    private static readonly Ink Thread = Rgb(0xF2F6F2);

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Ink.Down(0, 600, Rgb(0x5C8A4A), Rgb(0x16301F)));
        for (var spoke = 0; spoke < Spokes; spoke++)
        {
            sheet.Line(new(X, Y), At(X, Y, 650, Angle(spoke)), Thread, 2.4f);
        }

        for (var ring = 1; ring <= Rings; ring++)
        {
            using var path = new SKPath();
            path.MoveTo(Knot(ring, 0));
            for (var spoke = 0; spoke < Spokes; spoke++)
            {
                var sag = At(X, Y, .88 * Radius(ring), (Angle(spoke) + Angle(spoke + 1)) / 2);
                path.QuadTo(sag, Knot(ring, spoke + 1));
            }

            sheet.Stroke(path, Thread, 2);
        }
    }

    /// <summary>Returns a spoke's angle: slightly uneven, and the first spoke follows the last.</summary>
    private static double Angle(int spoke) =>
        6 + (spoke * 360.0 / Spokes) + (5 * Math.Sin(spoke % Spokes * 2.3));

    private static double Radius(int ring) => 285 * Math.Pow(ring / (double)Rings, 1.15);

    private static SKPoint Knot(int ring, int spoke) =>
        At(X, Y, Radius(ring) * (1 + (.05 * Math.Sin((spoke % Spokes * 1.7) + (ring * .3)))), Angle(spoke));
}
