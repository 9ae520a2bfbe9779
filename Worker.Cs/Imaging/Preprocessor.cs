using NetVips;
using Worker.Models;

namespace Worker.Imaging;

/// <summary>
/// Converts an image's bytes to the network's input, in buffers that only grow. Handles one image at a time: one
/// instance for each executor, not thread-safe.
/// </summary>
public sealed class Preprocessor
{
    // libvips decodes JPEG in steps of 8 or 16 rows.
    private const int StripRows = 16;

    private readonly Preprocessing model;
    private readonly ImagingLimits limits;
    private readonly DecodeScale scale;
    private readonly LargeImageGate gate;
    private readonly bool alwaysFloat;
    private readonly PillowResizer pillowResizer;
    private readonly FloatResizer floatResizer;
    private readonly AxisWeights columns = new();
    private readonly AxisWeights rows = new();
    private TimeSpan begun;

    /// <summary>
    /// Creates a preprocessor for one model. Expensive images take <paramref name="gate"/>, by default the process's
    /// gate.
    /// </summary>
    public Preprocessor(
        Preprocessing model,
        ImagingLimits limits,
        ResizeMode mode = ResizeMode.Faithful,
        LargeImageGate? gate = null)
    {
        this.gate = gate ?? LargeImageGate.OfProcess;
        this.model = model;
        this.limits = limits;
        // A filter without antialiasing picks single pixels, which a reduced image no longer contains.
        scale = mode == ResizeMode.Faithful && ResizeFilter.Of(model.Interpolation).HasAntialias
            ? DecodeScale.Faithful(model.KeptSide)
            : DecodeScale.None;
        // PillowResizer does not clamp its first pass, which the negative weights of a bicubic filter need.
        alwaysFloat = mode == ResizeMode.Exact || model.Interpolation != Interpolation.BilinearAntialias;
        pillowResizer = new PillowResizer(model);
        floatResizer = new FloatResizer(model);
    }

    /// <summary>
    /// Fills <paramref name="tensor"/>: float32 <c>[3, height, width]</c>, channels first, RGB, normalized. Returns
    /// null on success, else the refusal; the tensor's contents are then undefined.
    /// </summary>
    public ImageRefusal? Run(ReadOnlySpan<byte> bytes, Span<float> tensor)
    {
        if (tensor.Length != model.Length)
        {
            throw new ArgumentException($"the tensor has {tensor.Length} elements", nameof(tensor));
        }

        begun = ProcessorTime.OfThread;
        var refusal = Decode(bytes, tensor, isRepaired: false);
        if (refusal is not { Reason: RefusalReason.Damaged } || IsLate)
        {
            return refusal;
        }

        var second = Decode(bytes, tensor, isRepaired: true);
        return second is null or { Reason: RefusalReason.Busy } ? second : refusal;
    }

    /// <summary>Decodes the file or its repaired copy; refuses it as damaged if it can't be repaired.</summary>
    private ImageRefusal? Decode(ReadOnlySpan<byte> bytes, Span<float> tensor, bool isRepaired)
    {
        using var decoder = ImageDecoder.Open(bytes, limits, scale, gate, out var refusal, isRepaired);
        if (decoder is null)
        {
            return refusal;
        }

        var area = Plan(decoder);
        if (model.Method == ResizeMethod.Fit)
        {
            Pad(tensor);
        }

        try
        {
            return Fill(decoder, area, tensor) ? null : TooCostly;
        }
        catch (VipsException e)
        {
            return IsLate ? TooCostly : Vips.Damaged(e);
        }
    }

    private ImageRefusal TooCostly => new(
        RefusalReason.TooCostly,
        $"decoding takes longer than {limits.MaxTime.TotalSeconds} s of processor time. "
        + "Make the picture smaller, or save it as a baseline JPEG.");

    private bool IsLate => ProcessorTime.OfThread - begun > limits.MaxTime;

    private TargetArea Plan(ImageDecoder decoder)
    {
        var (width, height, orientation) = (decoder.Width, decoder.Height, decoder.Orientation);
        var plan = ResizePlan.Of(model, orientation.Transposed ? height : width, orientation.Transposed ? width : height);
        var along = (Target: plan.Across, First: plan.Left, Count: plan.Area.Width);
        var across = (Target: plan.Down, First: plan.Top, Count: plan.Area.Height);
        (along, across) = orientation.Transposed ? (across, along) : (along, across);
        var (shrink, filter) = (decoder.Shrink, model.Interpolation);
        columns.Prepare(width, along.Target, along.First, along.Count, orientation.MirrorX, shrink, filter);
        rows.Prepare(height, across.Target, across.First, across.Count, orientation.MirrorY, shrink, filter);
        return plan.Area;
    }

    private void Pad(Span<float> tensor)
    {
        var plane = model.Width * model.Height;
        for (var colour = 0; colour < Resampling.Channels; colour++)
        {
            var level = ((model.Fill[colour] / 255f) - model.Mean[colour]) / model.Std[colour];
            tensor.Slice(colour * plane, plane).Fill(level);
        }
    }

    /// <summary>Streams the rows in use through both passes of the resize. Returns false if it takes too long.</summary>
    /// <exception cref="VipsException">The image is damaged.</exception>
    private bool Fill(ImageDecoder decoder, TargetArea area, Span<float> tensor)
    {
        Resizer resizer = alwaysFloat || decoder.Shrink > 1 ? floatResizer : pillowResizer;
        resizer.Begin(new Resizer.Axes(columns, rows, decoder.Orientation, area));
        var width = columns.End - columns.First;
        var done = 0;
        if (!DecodeOnly(decoder, 0, rows.First))
        {
            return false;
        }

        for (var top = rows.First; top < rows.End; top += StripRows)
        {
            var height = Math.Min(StripRows, rows.End - top);
            if (IsLate)
            {
                return false;
            }

            using var strip = decoder.Read(columns.First, top, width, height);
            for (var y = top; y < top + height; y++)
            {
                resizer.Add(y, strip[y - top]);
                while (done < rows.Count && rows.Starts[done] + rows.Taps == y + 1)
                {
                    resizer.Finish(done++, tensor);
                }
            }
        }

        return DecodeOnly(decoder, rows.End, decoder.DecodedRows);
    }

    /// <summary>Decodes the rows outside the crop, so that a truncated image is always refused.</summary>
    private bool DecodeOnly(ImageDecoder decoder, int first, int end)
    {
        for (var top = first; top < end; top += StripRows)
        {
            if (IsLate)
            {
                return false;
            }

            decoder.Read(0, top, 1, Math.Min(StripRows, end - top)).Dispose();
        }

        return true;
    }
}
