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
    private readonly DecodeScale least;
    private readonly LargeImageGate turn;
    private readonly bool alwaysExact;
    private readonly PillowResizer rounded;
    private readonly FloatResizer exact;
    private readonly AxisWeights columns = new(ResampleFilter.Bilinear);
    private readonly AxisWeights rows = new(ResampleFilter.Bilinear);
    private TimeSpan begun;

    /// <summary>
    /// Creates a preprocessor for one model. Expensive images take <paramref name="turn"/>, by default the process's
    /// gate.
    /// </summary>
    public Preprocessor(Preprocessing model, ImagingLimits limits, ResizeMode precision = ResizeMode.Faithful, LargeImageGate? turn = null)
    {
        this.turn = turn ?? LargeImageGate.OfProcess;
        this.model = model;
        this.limits = limits;
        least = precision == ResizeMode.Faithful ? DecodeScale.Faithful(model.ResizeShortSide) : DecodeScale.None;
        alwaysExact = precision == ResizeMode.Exact;
        rounded = new PillowResizer(model);
        exact = new FloatResizer(model);
    }

    /// <summary>
    /// Fills <paramref name="tensor"/>: float32 <c>[3, crop, crop]</c>, channels first, RGB, normalised. Returns null
    /// on success, else the refusal; the tensor's contents are then undefined.
    /// </summary>
    public ImageRefusal? Run(ReadOnlySpan<byte> bytes, Span<float> tensor)
    {
        if (tensor.Length != Resampling.Channels * model.Crop * model.Crop)
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
        using var picture = Picture.Open(bytes, limits, least, turn, out var refusal, isRepaired);
        if (picture is null)
        {
            return refusal;
        }

        Plan(picture);
        return Fill(picture, tensor) ? null
            : IsLate ? new ImageRefusal(RefusalReason.TooCostly, $"decoding takes longer than {limits.MaxTime.TotalSeconds} s of processor time. Make the picture smaller, or save it as a baseline JPEG.")
            : new ImageRefusal(RefusalReason.Damaged, Vips.TakeError());
    }

    private bool IsLate => ProcessorTime.OfThread - begun > limits.MaxTime;

    private void Plan(Picture picture)
    {
        var (width, height, lies) = (picture.Width, picture.Height, picture.Orientation);
        // torchvision's Resize truncates the longer side, and its CenterCrop rounds half to even.
        var longer = (int)((double)model.ResizeShortSide * Math.Max(width, height) / Math.Min(width, height));
        var (across, down) = width <= height ? (model.ResizeShortSide, longer) : (longer, model.ResizeShortSide);
        columns.Prepare(width, across, CropStart(across), model.Crop, lies.MirrorX, picture.Shrink);
        rows.Prepare(height, down, CropStart(down), model.Crop, lies.MirrorY, picture.Shrink);
    }

    private int CropStart(int resized) => (int)Math.Round((resized - model.Crop) / 2.0, MidpointRounding.ToEven);

    /// <summary>Streams the rows in use through both passes.</summary>
    private bool Fill(Picture picture, Span<float> tensor)
    {
        Resizer passes = alwaysExact || picture.Shrink > 1 ? exact : rounded;
        passes.Begin(new Resizer.Axes(columns, rows, picture.Orientation));
        var width = columns.End - columns.First;
        var done = 0;
        if (!DecodeOnly(picture, 0, rows.First))
        {
            return false;
        }

        for (var top = rows.First; top < rows.End; top += StripRows)
        {
            var height = Math.Min(StripRows, rows.End - top);
            if (IsLate || picture.Read(columns.First, top, width, height) is not { } strip)
            {
                return false;
            }

            using (strip)
            {
                for (var y = top; y < top + height; y++)
                {
                    passes.Add(y, strip.Row(y - top));
                    while (done < rows.Count && rows.Starts[done] + rows.Taps == y + 1)
                    {
                        passes.Finish(done++, tensor);
                    }
                }
            }
        }

        return DecodeOnly(picture, rows.End, picture.DecodedRows);
    }

    /// <summary>Decodes the rows outside the crop, so that a truncated image is always refused.</summary>
    private bool DecodeOnly(Picture picture, int first, int end)
    {
        for (var top = first; top < end; top += StripRows)
        {
            if (IsLate || picture.Read(0, top, 1, Math.Min(StripRows, end - top)) is not { } strip)
            {
                return false;
            }

            strip.Dispose();
        }

        return true;
    }
}
