using Worker.Models;

namespace Worker.Imaging;

/// <summary>
/// In float32 from the decoded bytes to the input. Rounding to 8 bits twice, as Pillow does, moves a probability
/// further than decoding at a reduced size does; the order of the passes means nothing here.
/// </summary>
internal sealed class ExactPasses : Passes
{
    private readonly int crop;
    private readonly int stride;
    private readonly float[] factors = new float[Resampling.Channels];
    private readonly float[] offsets = new float[Resampling.Channels];
    private readonly float[] line;
    private float[] ring = [];
    private byte[] wide = [];
    private Axes axes;

    /// <summary>For one model.</summary>
    public ExactPasses(Preprocessing model)
    {
        crop = model.Crop;
        stride = Resampling.Stride(crop);
        line = new float[stride];
        for (var i = 0; i < Resampling.Channels; i++)
        {
            factors[i] = (float)(1 / (255 * (double)model.Std[i]));
            offsets[i] = -model.Mean[i] / model.Std[i];
        }
    }

    /// <inheritdoc/>
    public override void Begin(Axes axes)
    {
        this.axes = axes;
        Grow(ref ring, stride * axes.Rows.Taps);
        Grow(ref wide, Resampling.Stride(axes.Columns.End - axes.Columns.First));
    }

    /// <inheritdoc/>
    public override void Add(int y, ReadOnlySpan<byte> row)
    {
        row.CopyTo(wide);
        ExactResampling.Along(axes.Columns, axes.Packed, wide, ring.AsSpan(y % axes.Rows.Taps * stride, stride));
    }

    /// <inheritdoc/>
    public override void Finish(int index, Span<float> tensor)
    {
        ExactResampling.Across(axes.Rows, index, ring, stride, line);
        var plane = crop * crop;
        var (start, step) = Place(axes.Lies, index, crop);
        for (var channel = 0; channel < Resampling.Channels; channel++)
        {
            var (factor, offset) = (factors[channel], offsets[channel]);
            var target = tensor.Slice(channel * plane, plane);
            for (int i = channel, at = start; i < crop * Resampling.Channels; i += Resampling.Channels, at += step)
            {
                target[at] = (line[i] * factor) + offset;
            }
        }
    }
}
