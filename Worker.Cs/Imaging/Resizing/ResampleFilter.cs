namespace Worker.Imaging;

/// <summary>An interpolation filter, with the meaning of Pillow's.</summary>
/// <param name="Support">The distance from its centre, in pixels, from which on the kernel is 0.</param>
/// <param name="Kernel">The weight at a distance from the centre.</param>
/// <param name="IsAntialiased">
/// Whether the kernel widens with the reduction, so that every source pixel counts. If not, it covers the same few
/// pixels at every scale.
/// </param>
internal sealed record ResampleFilter(double Support, Func<double, double> Kernel, bool IsAntialiased = true)
{
    /// <summary>A triangle.</summary>
    public static ResampleFilter Bilinear { get; } = new(1, static x => Math.Max(1 - Math.Abs(x), 0));

    /// <summary>Keys's cubic with a = -0.5.</summary>
    public static ResampleFilter Bicubic { get; } = new(2, static x => Cubic(Math.Abs(x), -0.5));

    /// <summary>The nearest pixel.</summary>
    public static ResampleFilter Nearest { get; } = new(0.5, static _ => 1, IsAntialiased: false);

    private static double Cubic(double x, double a) =>
        x < 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1
        : x < 2 ? (((((x - 5) * x) + 8) * x) - 4) * a
        : 0;
}
