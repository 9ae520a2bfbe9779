using NetVips;

namespace Worker.Imaging;

/// <summary>
/// A picture whose header is read and whose rows are decoded as they are asked for, top to bottom: sRGB, 8 bits,
/// alpha over white, the first frame of an animation, as stored (before EXIF's orientation).
/// </summary>
internal sealed class Picture : IDisposable
{
    private static readonly ImageRefusal Busy = new(RefusalReason.Busy, "others that cost as much are before it");

    private readonly VipsImage image;
    private readonly VipsRegion region;
    private readonly CostlyTurn? turn;

    private Picture(VipsImage image, in VipsHeader header, Orientation orientation, int shrink, CostlyTurn? turn)
    {
        this.image = image;
        region = VipsRegion.Of(image);
        this.turn = turn;
        Shrink = shrink;
        Width = header.Width;
        Height = header.Height;
        Orientation = orientation;
    }

    /// <summary>Pixels a row, as stored.</summary>
    public int Width { get; }

    /// <summary>Rows, as stored.</summary>
    public int Height { get; }

    /// <summary>Rows, as decoded.</summary>
    public int DecodedRows => Height / Shrink;

    /// <summary>How the stored picture lies in the shown one.</summary>
    public Orientation Orientation { get; }

    /// <summary>
    /// 1, 2, 4 or 8: a decoded pixel is the mean of this many stored ones along either side; what is left over at the
    /// right and lower edge is left off.
    /// </summary>
    public int Shrink { get; }

    /// <summary>
    /// Reads the header. The refusal is null exactly when there is a picture. It is decoded at the
    /// smallest size that <paramref name="least"/> allows. A costly one has <paramref name="turn"/> until it is disposed.
    /// </summary>
    public static Picture? Open(ReadOnlySpan<byte> bytes, ImagingLimits limits, Reduction least, CostlyTurn turn, out ImageRefusal? refusal)
    {
        Vips.EnsureReady();
        refusal = FormatCheck.Check(bytes, out var format);
        if (refusal is not null)
        {
            return null;
        }

        VipsImage? image = null;
        CostlyTurn? taken = null;
        try
        {
            using var file = Hold(bytes, format);
            image = VipsImage.Load(file, shrink: 1);
            var header = image.ReadHeader();
            var held = DecodeCost.Needed(image, header, format);
            refusal = Oversize(header, limits) ?? Costly(image, held, format, limits);
            if (refusal is null && DecodeCost.IsMuch(header, held, format))
            {
                (taken, refusal) = turn.TryTake() ? (turn, null) : ((CostlyTurn?)null, Busy);
            }

            if (refusal is not null)
            {
                image.Dispose();
                return null;
            }

            var shrink = format == ImageFormat.Jpeg
                ? least.Of(Math.Min(header.Width, header.Height), DecodeCost.HalfColours(image))
                : 1;
            if (shrink > 1)
            {
                image.Dispose();
                image = VipsImage.Load(file, shrink);
            }

            image = Colours.ToRgb8(image, header);
            return new Picture(image, header, Lies(bytes, format, header), shrink, taken);
        }
        catch (VipsException e)
        {
            image?.Dispose();
            taken?.Release();
            refusal = new ImageRefusal(RefusalReason.Damaged, Vips.OneLine(e.Message));
            return null;
        }
    }

    /// <summary>
    /// Decodes <paramref name="height"/> rows from <paramref name="top"/> on, of which the columns from
    /// <paramref name="left"/>, all of them in decoded pixels; null when the picture is damaged there. Rows are asked for in order, none twice.
    /// </summary>
    public Strip? Read(int left, int top, int width, int height)
    {
        unsafe
        {
            var memory = region.Fetch(left, top, width, height, out var size);
            return memory is null || size != (nuint)((long)width * height * Resampling.Channels)
                ? null
                : new Strip(memory, width * Resampling.Channels);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        region.Dispose();
        image.Dispose();
        turn?.Release();
    }

    /// <summary>The file in libvips's memory; a JPEG and a PNG without what their pixels do not need.</summary>
    private static VipsBlob Hold(ReadOnlySpan<byte> bytes, ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => VipsBlob.Of(bytes, JpegSegments.Strip),
        ImageFormat.Png => VipsBlob.Of(bytes, PngChunks.Strip),
        _ => VipsBlob.Of(bytes),
    };

    /// <summary>As the EXIF says that <see cref="Hold"/> left out; libvips has read any other.</summary>
    private static Orientation Lies(ReadOnlySpan<byte> bytes, ImageFormat format, in VipsHeader header) =>
        Orientation.FromExif(
            format == ImageFormat.Jpeg && JpegSegments.Exif(bytes) is { IsEmpty: false } exif
                ? ExifOrientation.Read(exif)
                : header.Orientation);

    private static ImageRefusal? Oversize(in VipsHeader header, ImagingLimits limits) =>
        (long)header.Width * header.Height > limits.MaxPixels || DecodeCost.Weight(header) > limits.MaxPixels * Resampling.Channels || Math.Max(header.Width, header.Height) > limits.MaxSide
            ? new ImageRefusal(
                RefusalReason.TooLarge,
                $"{header.Width} x {header.Height} pixels, more than {limits.MaxPixels} in all or {limits.MaxSide} a side; {header.Bands} bands of {DecodeCost.SampleSize(header) * 8} bits. Make the picture smaller, then try again.")
            : null;

    private static ImageRefusal? Costly(VipsImage image, long held, ImageFormat format, ImagingLimits limits)
    {
        var frames = format is ImageFormat.Gif or ImageFormat.WebP ? image.Number("n-pages") ?? 1 : 1;
        return frames > limits.MaxFrames
                ? new ImageRefusal(RefusalReason.TooLarge, $"{frames} frames, more than {limits.MaxFrames}. Save its first frame alone, then try again.")
            : held > limits.MaxHeld
                ? new ImageRefusal(RefusalReason.TooLarge, $"decoding takes {held} bytes, more than {limits.MaxHeld}. Make the picture smaller, then try again.")
            : null;
    }

    /// <summary>Decoded rows in native memory.</summary>
    public readonly unsafe struct Strip(byte* memory, int rowLength) : IDisposable
    {
        /// <summary>One row, 3 bytes a pixel.</summary>
        public ReadOnlySpan<byte> Row(int index) => new(memory + ((long)index * rowLength), rowLength);

        /// <inheritdoc/>
        public void Dispose() => VipsRegion.Free(memory);
    }
}
