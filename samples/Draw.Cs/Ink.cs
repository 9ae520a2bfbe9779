using SkiaSharp;

namespace Draw;

/// <summary>The fill of a shape: one colour or a gradient, with a sharp or blurred edge.</summary>
/// <param name="Colours">At least one, not premultiplied, spread evenly from the gradient's start to its end.</param>
/// <param name="From">The gradient's start, in pixels; the centre of a round one.</param>
/// <param name="To">The gradient's end, in pixels; any point on the outermost circle of a round one.</param>
/// <param name="Round">Whether the gradient is radial around <paramref name="From"/>.</param>
/// <param name="Blur">The standard deviation of the edge's blur in pixels; 0 is a sharp edge.</param>
public sealed record Ink(SKColor[] Colours, SKPoint From, SKPoint To, bool Round = false, float Blur = 0)
{
    public static implicit operator Ink(SKColor colour) => new([colour], default, default);

    /// <summary>Returns a vertical gradient from <paramref name="top"/> down to <paramref name="bottom"/>.</summary>
    public static Ink Down(float top, float bottom, params SKColor[] colours) =>
        new(colours, new(0, top), new(0, bottom));

    /// <summary>Returns a horizontal gradient from <paramref name="left"/> to <paramref name="right"/>.</summary>
    public static Ink Across(float left, float right, params SKColor[] colours) =>
        new(colours, new(left, 0), new(right, 0));

    /// <summary>Returns a radial gradient around a centre, like light on a ball.</summary>
    public static Ink Ball(float x, float y, float radius, params SKColor[] colours) =>
        new(colours, new(x, y), new(x + radius, y), Round: true);

    /// <summary>Returns a soft shadow.</summary>
    public static Ink Shadow(double strength, float blur) =>
        (Ink)SKColors.Black.Faint(strength) with { Blur = blur };

    internal SKPaint Paint()
    {
        var paint = new SKPaint { IsAntialias = true, Color = Colours[0] };
        if (Colours.Length > 1)
        {
            using var shader = Round
                ? SKShader.CreateRadialGradient(From, SKPoint.Distance(From, To), Colours, SKShaderTileMode.Clamp)
                : SKShader.CreateLinearGradient(From, To, Colours, SKShaderTileMode.Clamp);
            paint.Color = SKColors.Black;
            paint.Shader = shader;
        }

        if (Blur > 0)
        {
            using var blur = SKMaskFilter.CreateBlur(SKBlurStyle.Normal, Blur);
            paint.MaskFilter = blur;
        }

        return paint;
    }
}
