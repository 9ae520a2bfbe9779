using Worker.Models;

namespace Worker.Imaging;

/// <summary>
/// From a picture's own bytes to the network's input. Has one picture at a time in buffers that only ever grow: one
/// for each lane, not for use by two threads at once.
/// </summary>
public sealed class Preprocessor
{
    // libvips decodes JPEG in steps of 8 or 16 rows.
    private const int StripRows = 16;

    private readonly Preprocessing model;
    private readonly ImagingLimits limits;
    private readonly Reduction least;
    private readonly float[] normalised;
    private readonly AxisWeights columns = new();
    private readonly AxisWeights rows = new();
    private readonly PackedWeights? packed = PackedWeights.Supported ? new() : null;
    private TimeSpan begun;
    private byte[] ring = [];
    private byte[] wide = [];
    private readonly byte[] narrow;

    /// <summary>
    /// For one model. Exactly: every picture is decoded at its full size, which takes longer and changes next to nothing.
    /// </summary>
    public Preprocessor(Preprocessing model, ImagingLimits limits, bool exactly = false)
    {
        this.model = model;
        this.limits = limits;
        least = exactly ? Reduction.None : Reduction.Faithful(model.ResizeShortSide);
        narrow = new byte[Resampling.Stride(model.Crop)];
        normalised = new float[Resampling.Channels * 256];
        for (var i = 0; i < normalised.Length; i++)
        {
            normalised[i] = (((i % 256) / 255f) - model.Mean[i / 256]) / model.Std[i / 256];
        }
    }

    /// <summary>
    /// Fills <paramref name="tensor"/>: float32 <c>[3, crop, crop]</c>, channels first, RGB, normalised. Null when it
    /// went well; else why the picture is refused, and the tensor's contents mean nothing.
    /// </summary>
    public ImageRefusal? Run(ReadOnlySpan<byte> bytes, Span<float> tensor)
    {
        if (tensor.Length != Resampling.Channels * model.Crop * model.Crop)
        {
            throw new ArgumentException($"the tensor has {tensor.Length} elements", nameof(tensor));
        }

        using var picture = Picture.Open(bytes, limits, least, out var refusal);
        if (picture is null)
        {
            return refusal;
        }

        begun = ProcessorTime.OfThread;
        Plan(picture);
        return Fill(picture, tensor) ? null
            : IsLate ? new ImageRefusal(RefusalReason.TooCostly, $"decoding takes longer than {limits.MaxTime.TotalSeconds} s")
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
        packed?.Prepare(columns);
    }

    private int CropStart(int resized) => (int)Math.Round((resized - model.Crop) / 2.0, MidpointRounding.ToEven);

    /// <summary>
    /// Streams the rows that count through both passes. Pillow resizes along the shown picture's rows first, so a
    /// transposed picture has its passes in the other order.
    /// </summary>
    private bool Fill(Picture picture, Span<float> tensor)
    {
        var width = columns.End - columns.First;
        var transposed = picture.Orientation.Transposed;
        var kept = transposed ? width : model.Crop;
        var stride = Resampling.Stride(kept);
        Grow(ref ring, stride * rows.Taps);
        Grow(ref wide, Resampling.Stride(width));
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
                    var slot = ring.AsSpan(y % rows.Taps * stride, stride);
                    strip.Row(y - top).CopyTo(transposed ? slot : wide);
                    if (!transposed)
                    {
                        Resampling.Along(columns, packed, wide, slot);
                    }

                    while (done < rows.Count && rows.Starts[done] + rows.Lengths[done] == y + 1)
                    {
                        Finish(done++, kept, stride, picture.Orientation, tensor);
                    }
                }
            }
        }

        return DecodeOnly(picture, rows.End, picture.DecodedRows);
    }

    /// <summary>What the crop left off is decoded all the same: half a picture is refused, whichever half.</summary>
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

    private void Finish(int index, int kept, int stride, Orientation orientation, Span<float> tensor)
    {
        var across = orientation.Transposed ? wide : narrow;
        Resampling.Across(rows, index, ring, rows.Taps, stride, kept * Resampling.Channels, across);
        if (orientation.Transposed)
        {
            Resampling.Along(columns, packed, wide, narrow);
        }

        var crop = model.Crop;
        var line = orientation.MirrorY ? crop - 1 - index : index;
        var start = orientation.MirrorX ? crop - 1 : 0;
        var step = orientation.MirrorX ? -1 : 1;
        if (orientation.Transposed)
        {
            Store(tensor, (start * crop) + line, step * crop);
        }
        else
        {
            Store(tensor, (line * crop) + start, step);
        }
    }

    private void Store(Span<float> tensor, int at, int step)
    {
        var crop = model.Crop;
        var plane = crop * crop;
        for (var i = 0; i < crop * Resampling.Channels; i += Resampling.Channels, at += step)
        {
            tensor[at] = normalised[narrow[i]];
            tensor[plane + at] = normalised[256 + narrow[i + 1]];
            tensor[(2 * plane) + at] = normalised[512 + narrow[i + 2]];
        }
    }

    private static void Grow(ref byte[] array, int length)
    {
        if (array.Length < length)
        {
            array = GC.AllocateUninitializedArray<byte>(length);
        }
    }
}
