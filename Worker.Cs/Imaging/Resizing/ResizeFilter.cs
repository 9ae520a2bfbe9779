using Worker.Models;

namespace Worker.Imaging;

/// <summary>
/// The curve of a resize along one axis, over distances in target pixels or, when enlarging, source pixels.
/// </summary>
/// <param name="Support">The distance from which on weights are 0; 0 for the one pixel below the centre.</param>
/// <param name="HasAntialias">Whether the curve is as wide as the reduction.</param>
/// <param name="Weight">The weight at a distance, before all of them are scaled to a sum of 1.</param>
internal sealed record ResizeFilter(double Support, bool HasAntialias, Func<double, double> Weight)
{
    // Pillow's bicubic; OpenCV has -0.75.
    private const double Sharpness = -0.5;

    private static readonly ResizeFilter BilinearAntialias = new(1, true, Triangle);
    private static readonly ResizeFilter Bilinear = new(1, false, Triangle);
    private static readonly ResizeFilter Bicubic = new(2, true, Cubic);
    private static readonly ResizeFilter Nearest = new(0, false, static _ => 1);

    /// <summary>Returns the filter of a manifest's interpolation.</summary>
    public static ResizeFilter Of(Interpolation interpolation) => interpolation switch
    {
        Interpolation.Bilinear => Bilinear,
        Interpolation.Bicubic => Bicubic,
        Interpolation.Nearest => Nearest,
        _ => BilinearAntialias,
    };

    private static double Triangle(double distance) => Math.Max(1.0 - Math.Abs(distance), 0.0);

    private static double Cubic(double distance) => Math.Abs(distance) switch
    {
        < 1 and var x => ((((Sharpness + 2) * x) - (Sharpness + 3)) * x * x) + 1,
        < 2 and var x => ((((x - 5) * x) + 8) * x * Sharpness) - (4 * Sharpness),
        _ => 0,
    };
}
