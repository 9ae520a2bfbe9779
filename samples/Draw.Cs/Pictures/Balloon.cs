using SkiaSharp;
using static Draw.Colours;

namespace Draw.Pictures;

internal static class Balloon
{
    private const int Gores = 9;
    private const float X = 300, Top = 14, Mouth = 456, Radius = 212;
    private static readonly SKColor Rope = Rgb(0x4A3020);

    private static readonly SKColor[] Rainbow =
        [Rgb(0xE63946), Rgb(0xF4A12B), Rgb(0xFBE04B), Rgb(0x3AA857), Rgb(0x2B6CC4), Rgb(0x8E44AD)];

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Ink.Down(0, 600, Rgb(0x5B98F2), Rgb(0xDFF1FC)));
        Cloud(sheet, 70, 150, .6f);
        Cloud(sheet, 110, 440, .9f);
        Cloud(sheet, 470, 500, 1.3f);
        for (var gore = 0; gore < Gores; gore++)
        {
            using var strip = Strip(Edge(gore), Edge(gore + 1));
            var colour = Rainbow[gore % Rainbow.Length];
            sheet.Fill(strip, colour);
            sheet.Stroke(strip, colour.Darker(.2), 1.5f);
        }

        using var whole = Strip(-1, 1);
        var dark = SKColors.Black;
        sheet.Fill(
            whole, Ink.Ball(X - 82, Top + 123, Radius * 2, SKColors.White.Faint(.35), dark.Faint(0), dark.Faint(.4)));
        sheet.Line(X - 26, Mouth, X - 16, Mouth + 52, Rope, 3);
        sheet.Line(X + 26, Mouth, X + 16, Mouth + 52, Rope, 3);
        sheet.Box(X - 17, Mouth + 48, 34, 28, Rgb(0x7A4A22), 6);
        sheet.Box(X - 20, Mouth + 46, 40, 9, Rope, 4);
    }

    /// <summary>
    /// Returns a seam's position, from -1 at the left edge to 1 at the right: evenly spaced around, seen from the side.
    /// </summary>
    private static float Edge(int seam) => -MathF.Cos(MathF.PI * seam / Gores);

    private static SKPath Strip(float left, float right)
    {
        const int steps = 60;
        SKPoint At(float side, int step)
        {
            var t = (1 - MathF.Cos(MathF.PI * step / steps)) / 2;
            return new(X + (side * Radius * Girth(t)), Top + ((Mouth - Top) * t));
        }

        var down = Enumerable.Range(0, steps + 1).ToArray();
        return Shapes.Polygon([.. down.Select(s => At(left, s)), .. down.Reverse().Select(s => At(right, s))]);
    }

    /// <summary>Returns the half width, at most 1, for a share of the way from the top (0) to the mouth (1).</summary>
    private static float Girth(float t) =>
        t < .5f ? MathF.Sqrt(MathF.Max(0, 1 - MathF.Pow(1 - (2 * t), 2))) : MathF.Cos((t - .5f) * MathF.PI * .92f);

    private static void Cloud(Sheet sheet, float x, float y, float scale) => sheet.AsOne(.55, 0, () =>
    {
        foreach (var (dx, dy, radius) in new[] { (-42f, 2f, 26f), (0f, -12f, 38f), (42f, 0f, 28f) })
        {
            sheet.Disc(x + (dx * scale), y + (dy * scale), radius * scale, SKColors.White);
        }
    });
}
