using SkiaSharp;
using static Draw.Colours;

namespace Draw.Pictures;

internal static class TrafficLight
{
    private const float X = 300, Y = 290, Width = 190, Height = 470, Lamp = 58;
    private static readonly SKColor Housing = Rgb(0x22262B), Inside = Rgb(0x0E1013);

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Ink.Down(0, 600, Rgb(0x2F7FD0), Rgb(0x8CC8F0)));
        sheet.Box(X - 12, Y, 24, 400, Ink.Across(X - 12, X + 12, Housing.Lighter(.3), Housing));
        sheet.Box(X - (Width / 2), Y - (Height / 2), Width, Height, Housing.Lighter(.2), 30);
        sheet.Box(X - (Width / 2) + 5, Y - (Height / 2) + 5, Width - 10, Height - 10, Housing, 26);
        LampAt(sheet, Y - 143, Rgb(0xFF2A1C), lit: true);
        LampAt(sheet, Y, Rgb(0xFFB014), lit: false);
        LampAt(sheet, Y + 143, Rgb(0x1FD66A), lit: false);
    }

    private static void LampAt(Sheet sheet, float y, SKColor colour, bool lit)
    {
        var glass = lit ? colour : colour.Mix(Inside, .7);
        if (lit)
        {
            sheet.Glow(X, y, Lamp * 2.1f, colour.Faint(.45));
        }

        sheet.Disc(X, y, Lamp + 8, Inside);
        sheet.Disc(X, y, Lamp, Ink.Ball(X - 14, y - 17, Lamp * 1.3f, glass.Lighter(lit ? .55 : .2), glass));

        using var visor = new SKPath();
        visor.AddArc(new SKRect(X - Lamp - 12, y - Lamp - 14, X + Lamp + 12, y + Lamp + 14), 180, 180);
        sheet.Stroke(visor, Inside, 14);
    }
}
