using SkiaSharp;
using static Draw.Colours;
using static Draw.Shapes;

namespace Draw.Pictures;

internal static class AnalogClock
{
    private const float X = 300, Y = 300, Radius = 250, Face = Radius * .92f;
    private static readonly SKColor Black = Rgb(0x16181C), Red = Rgb(0xD62828);

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Ink.Down(0, 600, Rgb(0x1D5560), Rgb(0x143A46)));
        sheet.Disc(X + 6, Y + 16, Radius + 6, Ink.Shadow(.45, 16));
        sheet.Disc(X, Y, Radius, Ink.Down(50, 550, Rgb(0xF2CE3A), Rgb(0xD98A1F)));
        sheet.Disc(X, Y, Face, Rgb(0xFCFBF6));
        for (var minute = 0; minute < 60; minute++)
        {
            var hour = minute % 5 == 0;
            sheet.Line(
                At(X, Y, Face * .91, minute * 6), At(X, Y, Face * (hour ? .82 : .87), minute * 6), Black, hour ? 4 : 2);
        }

        for (var hour = 1; hour <= 12; hour++)
        {
            var place = At(X, Y, Face * .68, hour * 30);
            sheet.Write($"{hour}", place.X, place.Y, 24, 6.5f, Black);
        }

        const double minutes = (10 * 60) + 9;
        Hand(sheet, minutes / 2, .52, .1, Black, 12.5f);
        Hand(sheet, minutes % 60 * 6, .76, .12, Black, 9);
        Hand(sheet, 36 * 6, .82, .18, Red, 3);
        sheet.Disc(X, Y, 11, Red);
    }

    private static void Hand(Sheet sheet, double degrees, double length, double tail, Ink ink, float width) =>
        sheet.Line(At(X, Y, -Face * tail, degrees), At(X, Y, Face * length, degrees), ink, width);
}
