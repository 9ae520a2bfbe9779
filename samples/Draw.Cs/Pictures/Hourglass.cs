using SkiaSharp;
using static Draw.Colours;
using static Draw.Shapes;

namespace Draw.Pictures;

internal static class Hourglass
{
    private const string Outline =
        "M190 90C190 240 290 250 290 300C290 350 190 360 190 510H410C410 360 310 350 310 300C310 250 410 240 410 90Z";

    private static readonly SKColor Wood = Rgb(0x7A4420), Sand = Rgb(0xE3A857);

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Ink.Down(0, 600, Rgb(0xD9E4EA), Rgb(0x9FB4C0)));
        sheet.Oval(300, 545, 180, 16, Ink.Shadow(.4, 10));
        foreach (var x in new[] { 151f, 431f })
        {
            sheet.Box(x, 70, 18, 460, Ink.Across(x, x + 18, Wood.Lighter(.3), Wood.Darker(.3)), 8);
        }

        using var glass = Svg(Outline);
        using var heap = Svg("M180 520V492Q300 362 420 492V520Z");
        sheet.Fill(glass, SKColors.White.Faint(.45));
        sheet.Within(glass, () =>
        {
            sheet.Box(0, 180, 600, 120, Ink.Down(180, 300, Sand, Sand.Darker(.12)));
            sheet.Box(297, 290, 6, 220, Sand);
            sheet.Fill(heap, Ink.Down(420, 520, Sand, Sand.Darker(.12)));
        });
        sheet.Stroke(glass, Rgb(0xEEF6FA), 6);
        sheet.Stroke(glass, Rgb(0x7F97A5), 2);
        foreach (var y in new[] { 60f, 508f })
        {
            sheet.Box(140, y, 320, 36, Ink.Down(y, y + 36, Wood.Lighter(.3), Wood.Darker(.25)), 10);
        }
    }
}
