using Worker.Models;

namespace Worker.Imaging;

/// <summary>The steps from a decoded image to three normalized planes: red, green and blue.</summary>
/// <param name="Width">Columns of the result.</param>
/// <param name="Height">Rows of the result.</param>
/// <param name="Method">The treatment of the aspect ratio.</param>
/// <param name="Size">For shorter-side: the shorter side before the crop, at least the result's longer side.</param>
/// <param name="Interpolation">The filter.</param>
/// <param name="Mean">The mean for red, green and blue, of pixel values scaled to 0 … 1.</param>
/// <param name="Std">The standard deviation, likewise; above 0.</param>
/// <param name="Fill">For fit: red, green and blue of the padding, 0 … 255.</param>
public sealed record Preprocessing(
    int Width,
    int Height,
    ResizeMethod Method,
    int Size,
    Interpolation Interpolation,
    float[] Mean,
    float[] Std,
    IReadOnlyList<byte> Fill)
{
    /// <summary>Elements of the result.</summary>
    public int Length => 3 * Width * Height;

    /// <summary>
    /// Resizes the shorter side as Pillow does, and keeps a square from the centre: torchvision's preprocessing.
    /// </summary>
    public static Preprocessing Square(int shorterSide, int crop, float[] mean, float[] std) =>
        new(crop, crop, ResizeMethod.ShorterSide, shorterSide, Interpolation.BilinearAntialias, mean, std, [0, 0, 0]);

    /// <summary>The side in pixels that the decoder's reduction must keep.</summary>
    internal int KeptSide => Method == ResizeMethod.ShorterSide ? Size : Math.Max(Width, Height);
}
