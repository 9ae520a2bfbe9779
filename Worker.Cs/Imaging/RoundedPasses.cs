using Worker.Models;

namespace Worker.Imaging;

/// <summary>
/// As Pillow does it, to the bit: each pass rounds to 8 bits. Pillow resizes along the shown picture's rows first, so a
/// transposed picture has its passes in the other order.
/// </summary>
internal sealed class RoundedPasses : Passes
{
    private readonly int crop;
    private readonly float[] normalised;
    private readonly byte[] narrow;
    private byte[] ring = [];
    private byte[] wide = [];
    private Axes axes;
    private int kept;
    private int stride;

    /// <summary>For one model.</summary>
    public RoundedPasses(Preprocessing model)
    {
        crop = model.Crop;
        narrow = new byte[Resampling.Stride(crop)];
        normalised = new float[Resampling.Channels * 256];
        for (var i = 0; i < normalised.Length; i++)
        {
            normalised[i] = (((i % 256) / 255f) - model.Mean[i / 256]) / model.Std[i / 256];
        }
    }

    /// <inheritdoc/>
    public override void Begin(Axes axes)
    {
        this.axes = axes;
        var width = axes.Columns.End - axes.Columns.First;
        kept = axes.Lies.Transposed ? width : crop;
        stride = Resampling.Stride(kept);
        Grow(ref ring, stride * axes.Rows.Taps);
        Grow(ref wide, Resampling.Stride(width));
    }

    /// <inheritdoc/>
    public override void Add(int y, ReadOnlySpan<byte> row)
    {
        var slot = ring.AsSpan(y % axes.Rows.Taps * stride, stride);
        row.CopyTo(axes.Lies.Transposed ? slot : wide);
        if (!axes.Lies.Transposed)
        {
            Resampling.Along(axes.Columns, axes.Packed, wide, slot);
        }
    }

    /// <inheritdoc/>
    public override void Finish(int index, Span<float> tensor)
    {
        var across = axes.Lies.Transposed ? wide : narrow;
        Resampling.Across(axes.Rows, index, ring, axes.Rows.Taps, stride, kept * Resampling.Channels, across);
        if (axes.Lies.Transposed)
        {
            Resampling.Along(axes.Columns, axes.Packed, wide, narrow);
        }

        var plane = crop * crop;
        var (at, step) = Place(axes.Lies, index, crop);
        for (var i = 0; i < crop * Resampling.Channels; i += Resampling.Channels, at += step)
        {
            tensor[at] = normalised[narrow[i]];
            tensor[plane + at] = normalised[256 + narrow[i + 1]];
            tensor[(2 * plane) + at] = normalised[512 + narrow[i + 2]];
        }
    }
}
