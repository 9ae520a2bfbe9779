using SkiaSharp;
using static Draw.Colours;

namespace Draw.Pictures;

/// <summary>A person, of whom the network knows no class: it should not be sure of this picture.</summary>
internal static class Face
{
    private static readonly SKColor Skin = Rgb(0xE8B796), Hair = Rgb(0x4A2E1E), Line = Rgb(0x6B3F2A);

    // The face fills the picture.
    private static readonly SKMatrix Zoom =
        SKMatrix.CreateScaleTranslation(1.55f, 1.55f, 300 - (1.55f * 300), 300 - (1.55f * 285));

    public static void Draw(Sheet sheet)
    {
        sheet.Background(Rgb(0xE9DFCB));
        Fill(sheet, "M150 240C130 60 470 60 450 240C470 380 480 470 500 540H100C120 470 130 380 150 240Z", Hair);
        Fill(sheet, "M70 600C80 480 190 455 250 440H350C410 455 520 480 530 600Z", Rgb(0x7A3E4E));
        Fill(sheet, "M245 380H355V440C355 490 245 490 245 440Z", Rgb(0xCFA283));
        using var face = Placed("M162 275C162 180 224 103 300 103S438 180 438 275S376 447 300 447S162 370 162 275Z");
        sheet.Fill(face, Skin);
        Fill(sheet, "M160 245C150 35 450 35 440 245C400 200 360 175 300 195C240 175 195 205 160 245Z", Hair);
        foreach (var x in new[] { 240, 360 })
        {
            var eye = At(x, 275);
            sheet.Oval(eye.X, eye.Y, 45, 26, SKColors.White);
            sheet.Disc(eye.X, eye.Y, 23, Rgb(0x5A7A4A));
            sheet.Disc(eye.X, eye.Y, 12.5f, Rgb(0x1C1410));
            sheet.Disc(eye.X + 8, eye.Y - 8, 5.5f, SKColors.White);
            Stroke(sheet, $"M{x - 34} 242Q{x} 222 {x + 34} 242", Hair, 14);
        }

        Stroke(sheet, "M302 285C300 315 284 330 290 340C297 347 308 346 315 341", Line, 8);
        Fill(sheet, "M245 375Q300 362 355 375Q300 425 245 375Z", Rgb(0xB8504A));
    }

    private static SKPoint At(float x, float y) => Zoom.MapPoint(x, y);

    private static SKPath Placed(string d)
    {
        var path = Shapes.Svg(d);
        path.Transform(Zoom);
        return path;
    }

    private static void Fill(Sheet sheet, string d, SKColor colour)
    {
        using var path = Placed(d);
        sheet.Fill(path, colour);
    }

    private static void Stroke(Sheet sheet, string d, SKColor colour, float width)
    {
        using var path = Placed(d);
        sheet.Stroke(path, colour, width);
    }
}
