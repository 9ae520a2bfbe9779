using SkiaSharp;

namespace Draw;

/// <summary>
/// Capitals and digits as our own strokes, each in a box of 4 × 6 units; system fonts would make the pictures differ
/// between machines.
/// </summary>
public static class Lettering
{
    private const float Height = 6, Width = 4, Gap = 1.6f;

    private static readonly Dictionary<char, string> Strokes = new()
    {
        ['A'] = "M0 6L2 0L4 6M.8 4H3.2",
        ['B'] = "M0 0V6H2.3C4.5 6 4.5 3 2.3 3H0M0 0H2.1C4 0 4 3 2.1 3",
        ['C'] = "M4 1.2C3.6 .4 3 0 2 0C.8 0 0 1.2 0 3S.8 6 2 6C3 6 3.6 5.6 4 4.8",
        ['D'] = "M0 0V6H1.5C3.2 6 4 5 4 3S3.2 0 1.5 0Z",
        ['E'] = "M4 0H0V6H4M0 3H3.2",
        ['F'] = "M4 0H0V6M0 3H3.2",
        ['G'] = "M4 1.2C3.6 .4 3 0 2 0C.8 0 0 1.2 0 3S.8 6 2 6C3.2 6 4 5.2 4 3.4H2.2",
        ['H'] = "M0 0V6M4 0V6M0 3H4",
        ['I'] = "M2 0V6",
        ['J'] = "M3.5 0V4.3C3.5 6.6 .3 6.6 .3 4.4",
        ['K'] = "M0 0V6M4 0L0 3.6M1.3 2.5L4 6",
        ['L'] = "M0 0V6H4",
        ['M'] = "M0 6V0L2 3.6L4 0V6",
        ['N'] = "M0 6V0L4 6V0",
        ['O'] = "M2 0C.7 0 0 1.3 0 3S.7 6 2 6S4 4.7 4 3S3.3 0 2 0Z",
        ['P'] = "M0 6V0H2.4C4.5 0 4.5 3.2 2.4 3.2H0",
        ['Q'] = "M2 0C.7 0 0 1.3 0 3S.7 6 2 6S4 4.7 4 3S3.3 0 2 0ZM2.5 4.3L4 6.2",
        ['R'] = "M0 6V0H2.4C4.5 0 4.5 3.2 2.4 3.2H0M2 3.2L4 6",
        ['S'] = "M3.8 1.1C3.4 .3 2.8 0 2 0C-.2 0-.2 2.7 2 3C4.4 3.3 4.3 6 2 6C1 6 .4 5.6 .1 4.8",
        ['T'] = "M0 0H4M2 0V6",
        ['U'] = "M0 0V4C0 6.7 4 6.7 4 4V0",
        ['V'] = "M0 0L2 6L4 0",
        ['W'] = "M0 0L1 6L2 2L3 6L4 0",
        ['X'] = "M0 0L4 6M4 0L0 6",
        ['Y'] = "M0 0L2 3L4 0M2 3V6",
        ['Z'] = "M0 0H4L0 6H4",
        ['0'] = "M2 0C.7 0 0 1.3 0 3S.7 6 2 6S4 4.7 4 3S3.3 0 2 0Z",
        ['1'] = "M.8 1.2L2.2 0V6",
        ['2'] = "M.2 1.6C.2-.5 3.8-.6 3.8 1.7C3.8 3.2 1 4.4 0 6H4",
        ['3'] = "M.2 .9C1.2-.5 3.7-.2 3.6 1.5C3.5 2.6 2.6 2.9 1.6 2.9C3 2.9 3.9 3.5 3.9 4.5C3.8 6.4 1 6.5 .1 5",
        ['4'] = "M3 6V0L0 4.2H4",
        ['5'] = "M3.7 0H.7L.4 2.7C1.6 1.9 3.9 2 3.9 4C3.9 6.3 1 6.5 .1 5.1",
        ['6'] = "M3.4 .3C1.6-.4 0 1.4 0 4C0 6.7 4 6.7 4 4.1C4 1.6 .8 1.7 .1 3.8",
        ['7'] = "M0 0H4C2.6 2 1.8 4 1.6 6",
        ['8'] = "M2 2.8C.2 2.6 .2 0 2 0S3.8 2.6 2 2.8C-.6 3-.6 6 2 6S4.6 3 2 2.8Z",
        ['9'] = "M.6 5.7C2.4 6.4 4 4.6 4 2C4-.7 0-.7 0 1.9C0 4.4 3.2 4.3 3.9 2.2",
    };

    /// <summary>
    /// Writes capitals and digits in one line, centred at (<paramref name="x"/>, <paramref name="y"/>).
    /// </summary>
    /// <param name="height">The height of a letter, in pixels.</param>
    /// <param name="stroke">The pen's width, in pixels.</param>
    /// <exception cref="KeyNotFoundException">A character has no strokes.</exception>
    public static void Write(
        this Sheet sheet, string text, float x, float y, float height, float stroke, Ink ink)
    {
        var unit = height / Height;
        var left = x - (((text.Length * (Width + Gap)) - Gap) * unit / 2);
        foreach (var letter in text)
        {
            using var path = Shapes.Svg(Strokes[letter]);
            path.Transform(new SKMatrix(unit, 0, left, 0, unit, y - (height / 2), 0, 0, 1));
            sheet.Stroke(path, ink, stroke);
            left += (Width + Gap) * unit;
        }
    }
}
