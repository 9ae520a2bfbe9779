using System.Buffers;
using NetVips;

namespace Worker.Imaging;

/// <summary>
/// A picture whose header is read and whose rows are decoded as they are asked for, top to bottom: sRGB, 8 bits,
/// alpha over white, the first frame of an animation, as stored (before EXIF's orientation).
/// </summary>
internal sealed class Picture : IDisposable
{
    private readonly Image image;
    private readonly Region region;
    private readonly DecodeMemory memory;

    private Picture(Image image, Orientation orientation, long held)
    {
        this.image = image;
        region = Region.New(image);
        memory = DecodeMemory.Take(held);
        Orientation = orientation;
    }

    /// <summary>Pixels a row, as stored.</summary>
    public int Width => image.Width;

    /// <summary>Rows, as stored.</summary>
    public int Height => image.Height;

    /// <summary>How the stored picture lies in the shown one.</summary>
    public Orientation Orientation { get; }

    /// <summary>Reads the header. The refusal is null exactly when there is a picture.</summary>
    public static Picture? Open(ReadOnlySpan<byte> bytes, ImagingLimits limits, out ImageRefusal? refusal)
    {
        Vips.EnsureReady();
        if (ImageFormats.Sniff(bytes) is not { } format)
        {
            refusal = new ImageRefusal(RefusalReason.UnknownFormat, "neither JPEG, PNG, WebP nor GIF");
            return null;
        }

        Image? loaded = null;
        try
        {
            loaded = Load(bytes, format);
            var held = DecodeMemory.Needed(loaded, format);
            refusal = Oversize(loaded, held, limits);
            if (refusal is not null)
            {
                return null;
            }

            var orientation = Orientation.FromExif(Vips.Orientation(loaded));
            return new Picture(Colours.ToRgb8(loaded), orientation, held);
        }
        catch (VipsException e)
        {
            refusal = new ImageRefusal(RefusalReason.Damaged, Vips.OneLine(e.Message));
            return null;
        }
        finally
        {
            loaded?.Dispose();
        }
    }

    /// <summary>
    /// Decodes <paramref name="height"/> rows from <paramref name="top"/> on, of which the columns from
    /// <paramref name="left"/>; null when the picture is damaged there. Rows are asked for in order, none twice.
    /// </summary>
    public Strip? Read(int left, int top, int width, int height)
    {
        unsafe
        {
            var memory = Vips.Fetch(region, left, top, width, height, out var size);
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
        memory.Dispose();
    }

    /// <summary>Reads the header; the bytes may change when it returns.</summary>
    private static Image Load(ReadOnlySpan<byte> bytes, ImageFormat format)
    {
        if (format != ImageFormat.Png || !PngChunks.HasMore(bytes))
        {
            return Image.NewFromBuffer(bytes, access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated);
        }

        var rented = ArrayPool<byte>.Shared.Rent(bytes.Length);
        try
        {
            return Load(rented.AsSpan(0, PngChunks.Strip(bytes, rented)), format);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static ImageRefusal? Oversize(Image image, long held, ImagingLimits limits)
    {
        var frames = image.Contains("n-pages") ? (int)image.Get("n-pages") : 1;
        return (long)image.Width * image.Height > limits.MaxPixels || Math.Max(image.Width, image.Height) > limits.MaxSide
                ? TooLarge($"{image.Width} x {image.Height} pixels, the limits are {limits.MaxPixels} pixels and {limits.MaxSide} a side")
            : frames > limits.MaxFrames ? TooLarge($"{frames} frames, the limit is {limits.MaxFrames}")
            : held > limits.MaxHeld ? TooLarge($"it takes {held} bytes to decode, the limit is {limits.MaxHeld}")
            : null;
    }

    private static ImageRefusal TooLarge(string detail) => new(RefusalReason.TooLarge, detail);

    /// <summary>Decoded rows in native memory.</summary>
    public readonly unsafe struct Strip(byte* memory, int rowLength) : IDisposable
    {
        /// <summary>One row, 3 bytes a pixel.</summary>
        public ReadOnlySpan<byte> Row(int index) => new(memory + ((long)index * rowLength), rowLength);

        /// <inheritdoc/>
        public void Dispose() => Vips.Free(memory);
    }
}
