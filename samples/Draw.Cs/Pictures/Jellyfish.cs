using SkiaSharp;
using static Draw.Colours;

namespace Draw.Pictures;

internal static class Jellyfish
{
    private const float X = 300, Y = 210, Radius = 150;
    private static readonly SKColor Pink = Rgb(0xE8A8D8);

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Ink.Down(0, 600, Rgb(0x1F66B0), Rgb(0x04122E)));
        Tentacles(sheet);
        Arms(sheet);
        sheet.Glow(X, Y, Radius * 2, Pink.Faint(.4));
        Bell(sheet);
    }

    private static void Tentacles(Sheet sheet)
    {
        const int count = 13;
        const float top = Y + (Radius * .3f);
        for (var i = 0; i < count; i++)
        {
            var x = X + (Radius * 1.7f * ((i / (count - 1f)) - .5f));
            var length = (300 * (1 - (.25f * MathF.Abs((i / (float)count) - .5f)))) + (20 * MathF.Sin(i * 2.3f));
            using var path = Wave(x, top, length, t => (x + ((x - X) * .25f * t), 18 * t), t => (t * 7) + (i * 1.3f));
            sheet.Stroke(path, Ink.Down(top, top + length, Pink.Faint(.75), Pink.Faint(.35)), 3);
        }
    }

    private static void Arms(Sheet sheet)
    {
        const float top = Y + (Radius * .2f);
        var pale = Pink.Lighter(.4);
        for (var i = 0; i < 4; i++)
        {
            var x = X - 45 + (i * 30);
            using var path = Wave(x, top, 230, t => (x, 14 * (.3f + t)), t => (t * 16) + i);
            var ink = Ink.Down(top, top + 240, pale.Faint(0), pale.Faint(.6), pale.Faint(.5), pale.Faint(0));
            sheet.Stroke(path, ink, 18);
        }
    }

    /// <summary>Draws a line that swings from side to side on its way down.</summary>
    /// <param name="course">The middle and the swing in pixels, for each share of the way from 0 to 1.</param>
    /// <param name="phase">The phase in radians, for each share of the way.</param>
    private static SKPath Wave(
        float x, float top, float length, Func<float, (float Middle, float Swing)> course, Func<float, float> phase)
    {
        const int steps = 48;
        var path = new SKPath();
        path.MoveTo(x, top);
        for (var step = 1; step <= steps; step++)
        {
            var t = step / (float)steps;
            var (middle, swing) = course(t);
            path.LineTo(middle + (swing * MathF.Sin(phase(t))), top + (length * t));
        }

        return path;
    }

    private static void Bell(Sheet sheet)
    {
        const int scallops = 8;
        const float rim = Y + (Radius * .35f), high = Y - (Radius * 1.2f);
        using var bell = new SKPath();
        bell.MoveTo(X - Radius, rim);
        bell.CubicTo(X - (Radius * 1.15f), high, X + (Radius * 1.15f), high, X + Radius, rim);
        for (var i = 1; i <= scallops; i++)
        {
            var x = X + Radius - (i * 2 * Radius / scallops);
            bell.QuadTo(x + (Radius / scallops), Y + (Radius * .55f), x, rim);
        }

        bell.Close();
        var (light, middle, edge) = (Pink.Lighter(.6), Pink, Pink.Mix(Rgb(0x5030A0), .5));
        sheet.Fill(
            bell, Ink.Ball(X, Y - (Radius * .3f), Radius * 1.3f, light.Faint(.95), middle.Faint(.8), edge.Faint(.75)));
        for (var i = -3; i <= 3; i++)
        {
            using var rib = new SKPath();
            rib.MoveTo(X + (i * Radius * .06f), Y - (Radius * .72f));
            rib.QuadTo(X + (i * Radius * .27f), Y - (Radius * .5f), X + (i * Radius * .31f), Y + (Radius * .3f));
            sheet.Stroke(rib, SKColors.White.Faint(.3), 4);
        }
    }
}
