using System.Runtime.Intrinsics;

namespace Worker.Imaging;

/// <summary>
/// Resizes in float32 and rounds the result to 8 bits. Pillow rounds too: without this rounding, or with a rounded
/// first pass, the probabilities of a picture decoded at a reduced size differ more from Pillow's. The order of
/// the passes does not matter here.
/// </summary>
internal sealed class FloatResizer : Resizer
{
    private readonly int plane;
    private readonly Vector128<float> factors;
    private readonly Vector128<float> offsets;
    private byte[] ring = [];
    private float[] line = [];
    private float[] columns = [];
    private float[] rows = [];
    private Axes axes;
    private int stride;

    /// <summary>Creates a resizer for one model.</summary>
    public FloatResizer(Preprocessing model)
    {
        plane = model.Width * model.Height;
        for (var i = 0; i < Resampling.Channels; i++)
        {
            factors = factors.WithElement(i, (float)(1 / (255 * (double)model.Std[i])));
            offsets = offsets.WithElement(i, -model.Mean[i] / model.Std[i]);
        }
    }

    /// <inheritdoc/>
    public override void Begin(Axes axes)
    {
        this.axes = axes;
        stride = Resampling.Stride(axes.Columns.End - axes.Columns.First);
        Grow(ref ring, stride * axes.Rows.Taps);
        Grow(ref line, stride);
        Grow(ref columns, axes.Columns.Count * axes.Columns.Taps);
        Grow(ref rows, axes.Rows.Count * axes.Rows.Taps);
        ExactResampling.Weights(axes.Columns, columns);
        ExactResampling.Weights(axes.Rows, rows);
    }

    /// <inheritdoc/>
    public override void Add(int y, ReadOnlySpan<byte> row) =>
        row.CopyTo(ring.AsSpan(y % axes.Rows.Taps * stride, stride));

    /// <inheritdoc/>
    public override void Finish(int index, Span<float> tensor)
    {
        var (taps, first) = (axes.Rows.Taps, axes.Rows.Starts[index]);
        ExactResampling.Across(rows.AsSpan(index * taps, taps), ring, first % taps, taps, stride, line);
        var (at, step) = axes.Area.Row(axes.Orientation, index);
        var red = tensor[..plane];
        var green = tensor.Slice(plane, plane);
        var blue = tensor.Slice(2 * plane, plane);
        for (var i = 0; i < axes.Columns.Count; i++, at += step)
        {
            // The weights of a reduced image may exceed the range.
            var sum = Vector128.Round(ExactResampling.Along(axes.Columns, i, columns, line));
            var level = Vector128.Clamp(sum, Vector128<float>.Zero, Vector128.Create(255f));
            var pixel = Vector128.FusedMultiplyAdd(level, factors, offsets);
            red[at] = pixel[0];
            green[at] = pixel[1];
            blue[at] = pixel[2];
        }
    }
}
