using Worker.Models;

namespace Worker.Imaging;

/// <summary>
/// Where the pixels of a displayed image go: its size after the resize, the first column and row that are kept, and the
/// area of the result that they fill.
/// </summary>
internal readonly record struct ResizePlan(int Across, int Down, int Left, int Top, TargetArea Area)
{
    /// <summary>Plans the resize of an image of this size, as displayed.</summary>
    public static ResizePlan Of(Preprocessing model, int width, int height)
    {
        switch (model.Method)
        {
            case ResizeMethod.Stretch:
                return new(model.Width, model.Height, 0, 0, new(0, 0, model.Width, model.Height, model.Width));
            case ResizeMethod.Fit:
                var scale = Math.Min((double)model.Width / width, (double)model.Height / height);
                var across = Math.Clamp((int)Math.Round(width * scale), 1, model.Width);
                var down = Math.Clamp((int)Math.Round(height * scale), 1, model.Height);
                var (left, top) = ((model.Width - across) / 2, (model.Height - down) / 2);
                return new(across, down, 0, 0, new(left, top, across, down, model.Width));
            default:
                // torchvision's Resize truncates the longer side, and its CenterCrop rounds half to even.
                var longer = (int)((double)model.Size * Math.Max(width, height) / Math.Min(width, height));
                (across, down) = width <= height ? (model.Size, longer) : (longer, model.Size);
                return new(
                    across,
                    down,
                    CropStart(across, model.Width),
                    CropStart(down, model.Height),
                    new(0, 0, model.Width, model.Height, model.Width));
        }
    }

    private static int CropStart(int resized, int crop) =>
        (int)Math.Round((resized - crop) / 2.0, MidpointRounding.ToEven);
}

/// <summary>A rectangle of the result's planes, as displayed.</summary>
/// <param name="Left">Its first column.</param>
/// <param name="Top">Its first row.</param>
/// <param name="Width">Its columns.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Stride">Columns of the whole plane.</param>
internal readonly record struct TargetArea(int Left, int Top, int Width, int Height, int Stride)
{
    /// <summary>
    /// Returns the offset in a plane of the first pixel of a stored row, and the step to the next one.
    /// </summary>
    public (int Start, int Step) Row(Orientation orientation, int index)
    {
        var (along, across) = orientation.Transposed ? (Height, Width) : (Width, Height);
        var line = orientation.MirrorY ? across - 1 - index : index;
        var start = orientation.MirrorX ? along - 1 : 0;
        var step = orientation.MirrorX ? -1 : 1;
        return orientation.Transposed
            ? (((Top + start) * Stride) + Left + line, step * Stride)
            : (((Top + line) * Stride) + Left + start, step);
    }
}
