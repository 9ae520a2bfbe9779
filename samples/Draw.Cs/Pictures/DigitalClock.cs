using SkiaSharp;
using static Draw.Colours;

namespace Draw.Pictures;

internal static class DigitalClock
{
    private const float Width = 72, Height = 150, Thick = 20, Top = 225;

    /// <summary>
    /// The seven segments, as (x, y, down) of their first end in units of the digit's width and half its height,
    /// and the digits that light each.
    /// </summary>
    private static readonly (int X, int Y, bool Down, string Digits)[] Segments =
    [
        (0, 0, false, "02356789"), (0, 1, false, "2345689"), (0, 2, false, "0235689"),
        (0, 0, true, "045689"), (1, 0, true, "01234789"), (0, 1, true, "0268"), (1, 1, true, "013456789"),
    ];

    private static readonly SKColor Red = Rgb(0xFF3122), Case = Rgb(0x17181C);

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Ink.Down(0, 430, Rgb(0x3A3F4B), Rgb(0x20232B)));
        sheet.Box(0, 430, 600, 170, Ink.Down(430, 600, Rgb(0x8A5A35), Rgb(0x5C3A20)));
        sheet.Oval(300, 440, 280, 18, Ink.Shadow(.5, 12));
        sheet.Box(30, 160, 540, 280, Ink.Down(160, 440, Case.Lighter(.25), Case), 32);
        sheet.Box(54, 184, 492, 232, Rgb(0x070405), 14);
        Digits(sheet, unlit: true);
        sheet.AsOne(1, 10, () => Digits(sheet, unlit: false));
        Digits(sheet, unlit: false);
    }

    private static void Digits(Sheet sheet, bool unlit)
    {
        foreach (var (digit, x) in new[] { ('2', 92f), ('0', 198f), ('4', 334f), ('8', 440f) })
        {
            foreach (var segment in Segments.Where(s => s.Digits.Contains(digit) != unlit))
            {
                using var path = Segment(x + (segment.X * Width), Top + (segment.Y * Height / 2), segment.Down);
                sheet.Fill(path, unlit ? Rgb(0x1D0A0A) : Red);
            }
        }

        if (!unlit)
        {
            sheet.Disc(302, Top + 42, 11, Red);
            sheet.Disc(302, Top + 108, 11, Red);
        }
    }

    private static SKPath Segment(float x, float y, bool down)
    {
        const float gap = Thick * .22f, half = Thick / 2;
        var length = down ? Height / 2 : Width;
        SKPoint[] along =
        [
            new(gap, 0), new(gap + half, -half), new(length - gap - half, -half),
            new(length - gap, 0), new(length - gap - half, half), new(gap + half, half),
        ];
        return Shapes.Polygon(along.Select(p => down ? new SKPoint(x + p.Y, y + p.X) : new SKPoint(x + p.X, y + p.Y)));
    }
}
