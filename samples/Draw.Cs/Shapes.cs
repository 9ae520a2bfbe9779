using SkiaSharp;

namespace Draw;

/// <summary>Outlines. Angles are in degrees, clockwise from the top, as on a clock.</summary>
public static class Shapes
{
    public static SKPoint At(float x, float y, double radius, double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        return new((float)(x + (radius * sin)), (float)(y - (radius * cos)));
    }

    /// <summary>Returns the outline of an SVG path's <c>d</c> attribute.</summary>
    public static SKPath Svg(string d) =>
        SKPath.ParseSvgPathData(d) ?? throw new FormatException($"Not SVG path data: {d}");

    public static SKPath Polygon(params IEnumerable<SKPoint> corners)
    {
        var path = new SKPath();
        path.AddPoly([.. corners]);
        return path;
    }

    public static SKPath Circle(float x, float y, float radius)
    {
        var path = new SKPath();
        path.AddCircle(x, y, radius);
        return path;
    }
}
