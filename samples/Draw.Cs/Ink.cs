using SkiaSharp;

namespace Draw;

/// <summary>What a shape is coloured with: one colour, or a gradient; its edge sharp or blurred.</summary>
/// <param name="Colours">At least one, not premultiplied, spread evenly from the gradient's start to its end.</param>
/// <param name="From">The gradient's start, in pixels; of a round one its centre.</param>
/// <param name="To">The gradient's end, in pixels; of a round one any point on its outermost circle.</param>
/// <param name="Round">Whether the colours lie in circles around <paramref name="From"/>.</param>
/// <param name="Blur">Standard deviation of the edge's blur in pixels; 0 is a sharp edge.</param>
public sealed record Ink(SKColor[] Colours, SKPoint From, SKPoint To, bool Round = false, float Blur = 0)
{
    public static implicit operator Ink(SKColor colour) => new([colour], default, default);

    /// <summary>From the height <paramref name="top"/> down to <paramref name="bottom"/>.</summary>
    public static Ink Down(float top, float bottom, params SKColor[] colours) =>
        new(colours, new(0, top), new(0, bottom));

    /// <summary>From <paramref name="left"/> across to <paramref name="right"/>.</summary>
    public static Ink Across(float left, float right, params SKColor[] colours) =>
        new(colours, new(left, 0), new(right, 0));

    /// <summary>In circles around a centre, as light falls on a ball.</summary>
    public static Ink Ball(float x, float y, float radius, params SKColor[] colours) =>
        new(colours, new(x, y), new(x + radius, y), Round: true);

    /// <summary>A soft shadow.</summary>
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
