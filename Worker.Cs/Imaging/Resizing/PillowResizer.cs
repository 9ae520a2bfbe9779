using System.Runtime.Intrinsics;

namespace Worker.Imaging;

/// <summary>
/// Resizes bit-identically to Pillow: each pass rounds to 8 bits. Pillow first resizes along the rows of the displayed
/// image, so a transposed image has its passes in the other order.
/// </summary>
internal sealed class PillowResizer(Preprocessing model) : Resizer
{
    private readonly int plane = model.Width * model.Height;
    private byte[] ring = [];
    private byte[] wide = [];
    private byte[] narrow = [];
    private Axes axes;
    private int kept;
    private int stride;

    /// <inheritdoc/>
    public override void Begin(Axes axes)
    {
        this.axes = axes;
        var width = axes.Columns.End - axes.Columns.First;
        kept = axes.Orientation.Transposed ? width : axes.Columns.Count;
        stride = Resampling.Stride(kept);
        Grow(ref ring, stride * axes.Rows.Taps);
        Grow(ref wide, Resampling.Stride(width));
        Grow(ref narrow, Resampling.Stride(axes.Columns.Count));
    }

    /// <inheritdoc/>
    public override void Add(int y, ReadOnlySpan<byte> row)
    {
        var slot = ring.AsSpan(y % axes.Rows.Taps * stride, stride);
        row.CopyTo(axes.Orientation.Transposed ? slot : wide);
        if (!axes.Orientation.Transposed)
        {
            Resampling.Along(axes.Columns, wide, slot);
        }
    }

    /// <inheritdoc/>
    public override void Finish(int index, Span<float> tensor)
    {
        var across = axes.Orientation.Transposed ? wide : narrow;
        Resampling.Across(axes.Rows, index, ring, axes.Rows.Taps, stride, kept * Resampling.Channels, across);
        if (axes.Orientation.Transposed)
        {
            Resampling.Along(axes.Columns, wide, narrow);
        }

        var (at, step) = axes.Area.Row(axes.Orientation, index);
        for (var colour = 0; colour < Resampling.Channels; colour++)
        {
            var target = tensor.Slice(colour * plane, plane);
            // The target pixels are not adjacent if EXIF rotates or mirrors the image.
            var done = step == 1 ? NormaliseWhole(colour, target[at..]) : 0;
            for (var i = done; i < axes.Columns.Count; i++)
            {
                target[at + (i * step)] = Normalised(narrow[(i * Resampling.Channels) + colour], colour);
            }
        }
    }

    private float Normalised(byte value, int colour) => ((value / 255f) - model.Mean[colour]) / model.Std[colour];

    /// <summary>Normalizes sixteen pixels a step and returns the number of pixels done.</summary>
    private int NormaliseWhole(int colour, Span<float> target)
    {
        var (mean, deviation) = (Vector512.Create(model.Mean[colour]), Vector512.Create(model.Std[colour]));
        ref var row = ref narrow[0];
        var i = 0;
        for (; i <= axes.Columns.Count - PixelPlanes.Pixels; i += PixelPlanes.Pixels)
        {
            var values = PixelPlanes.Colour(ref row, (nuint)(i * Resampling.Channels), colour);
            // The same operations and order as for a single pixel, so that both are bit-identical.
            (((values / Vector512.Create(255f)) - mean) / deviation).CopyTo(target[i..]);
        }

        return i;
    }
}
