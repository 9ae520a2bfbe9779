using SkiaSharp;

namespace Draw;

/// <summary>The square that a picture is drawn on: <see cref="Size"/> pixels a side, y downwards, sRGB.</summary>
public sealed class Sheet(SKCanvas canvas)
{
    public const int Size = 600;

    /// <summary>Draws a picture in memory: RGBA, 8 bits a channel, opaque.</summary>
    public static SKBitmap Draw(Action<Sheet> picture)
    {
        var bitmap = new SKBitmap(new SKImageInfo(Size, Size, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        picture(new Sheet(canvas));
        return bitmap;
    }

    public void Background(Ink ink) => Box(0, 0, Size, Size, ink);

    public void Fill(SKPath path, Ink ink)
    {
        using var paint = ink.Paint();
        canvas.DrawPath(path, paint);
    }

    /// <summary>Draws along an outline, with round ends and corners.</summary>
    public void Stroke(SKPath path, Ink ink, float width)
    {
        using var paint = Pen(ink, width);
        canvas.DrawPath(path, paint);
    }

    public void Line(SKPoint from, SKPoint to, Ink ink, float width)
    {
        using var paint = Pen(ink, width);
        canvas.DrawLine(from, to, paint);
    }

    public void Line(float x0, float y0, float x1, float y1, Ink ink, float width) =>
        Line(new SKPoint(x0, y0), new SKPoint(x1, y1), ink, width);

    public void Disc(float x, float y, float radius, Ink ink) => Oval(x, y, radius, radius, ink);

    public void Oval(float x, float y, float radiusX, float radiusY, Ink ink)
    {
        using var paint = ink.Paint();
        canvas.DrawOval(x, y, radiusX, radiusY, paint);
    }

    public void Box(float x, float y, float width, float height, Ink ink, float corner = 0)
    {
        using var paint = ink.Paint();
        canvas.DrawRoundRect(x, y, width, height, corner, corner, paint);
    }

    /// <summary>Draws light around a point, fading out towards <paramref name="radius"/>.</summary>
    public void Glow(float x, float y, float radius, SKColor colour) =>
        Disc(x, y, radius, Ink.Ball(x, y, radius, colour, colour.WithAlpha(0)));

    /// <summary>Draws only inside an outline.</summary>
    public void Within(SKPath outline, Action draw)
    {
        canvas.Save();
        canvas.ClipPath(outline, SKClipOperation.Intersect, antialias: true);
        draw();
        canvas.Restore();
    }

    /// <summary>Draws with the origin moved to a point and the axes turned clockwise.</summary>
    public void Placed(float x, float y, float degrees, Action draw)
    {
        canvas.Save();
        canvas.Translate(x, y);
        canvas.RotateDegrees(degrees);
        draw();
        canvas.Restore();
    }

    /// <summary>
    /// Draws overlapping shapes as one layer, with an opacity from 0 to 1 and edges blurred by <paramref name="blur"/>
    /// pixels.
    /// </summary>
    public void AsOne(double opacity, float blur, Action draw)
    {
        using var paint = new SKPaint { Color = SKColors.Black.Faint(opacity) };
        using var filter = blur > 0 ? SKImageFilter.CreateBlur(blur, blur) : null;
        paint.ImageFilter = filter;
        canvas.SaveLayer(paint);
        draw();
        canvas.Restore();
    }

    private static SKPaint Pen(Ink ink, float width)
    {
        var paint = ink.Paint();
        paint.Style = SKPaintStyle.Stroke;
        paint.StrokeWidth = width;
        paint.StrokeCap = SKStrokeCap.Round;
        paint.StrokeJoin = SKStrokeJoin.Round;
        return paint;
    }
}
