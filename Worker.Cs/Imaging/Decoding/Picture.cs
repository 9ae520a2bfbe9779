using System.Globalization;
using NetVips;
using Worker.Imaging.Containers;

namespace Worker.Imaging;

/// <summary>
/// An image whose header is read and whose rows are decoded lazily, top to bottom: sRGB, 8 bits, alpha over white, the
/// first frame of an animation, as stored (before EXIF orientation).
/// </summary>
internal sealed class Picture : IDisposable
{
    private static readonly ImageRefusal Busy = new(RefusalReason.Busy, "others that cost as much are before it");

    private readonly VipsImage image;
    private readonly VipsRegion region;
    private readonly LargeImageGate? turn;

    private Picture(VipsImage image, (int Width, int Height) size, Orientation orientation, int shrink, LargeImageGate? turn)
    {
        this.image = image;
        region = VipsRegion.Of(image);
        this.turn = turn;
        Shrink = shrink;
        (Width, Height) = size;
        Orientation = orientation;
    }

    /// <summary>Pixels a row, as stored.</summary>
    public int Width { get; }

    /// <summary>Rows, as stored.</summary>
    public int Height { get; }

    /// <summary>Rows, as decoded.</summary>
    public int DecodedRows => Height / Shrink;

    /// <summary>The EXIF orientation.</summary>
    public Orientation Orientation { get; }

    /// <summary>
    /// 1, 2, 4 or 8: a decoded pixel is the mean of this many stored pixels along either side; the remainder at the
    /// right and lower edge is dropped.
    /// </summary>
    public int Shrink { get; }

    /// <summary>
    /// Reads the container; returns null and the refusal on failure. The image is decoded at the smallest size that
    /// <paramref name="least"/> allows. A large image holds <paramref name="turn"/> until it is disposed.
    /// <paramref name="isRepaired"/> decodes the output of <see cref="ImageRepair"/> instead of the file.
    /// </summary>
    public static Picture? Open(ReadOnlySpan<byte> bytes, ImagingLimits limits, DecodeScale least, LargeImageGate turn, out ImageRefusal? refusal, bool isRepaired = false)
    {
        Vips.EnsureReady();
        refusal = FormatCheck.Check(bytes, out var format);
        if (refusal is not null)
        {
            return null;
        }

        var writer = new BlobWriter(bytes.Length + ImageContainer.Growth);
        try
        {
            refusal = ImageContainer.Read(bytes, format, ref writer, out var info);
            var shrink = ChooseShrink(info, least);
            var cost = DecodeCost.Estimate(info, shrink);
            refusal ??= CheckDecodeCost.Check(info, cost, limits);
            var isTaken = refusal is null && cost.IsLarge && turn.TryTake();
            refusal ??= cost.IsLarge && !isTaken ? Busy : null;
            if (refusal is not null)
            {
                return null;
            }

            if (format == ImageFormat.Bmp)
            {
                return DecodeBmp(bytes, info, isTaken ? turn : null, out refusal);
            }

            var isStrict = false;
            using var file = isRepaired ? ImageRepair.Write(info, writer.Written, limits.MaxHeld, out isStrict) : writer.ToBlob();
            if (file is null)
            {
                refusal = ImageContainer.Damaged("pixels are missing");
                if (isTaken)
                {
                    turn.Release();
                }

                return null;
            }

            return Load(file, isStrict, info, shrink, StoredOrientation.Read(bytes, info), isTaken ? turn : null, out refusal);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Returns 1, 2, 4 or 8: the reduction at which an image is decoded.</summary>
    internal static int ChooseShrink(in ImageInfo info, DecodeScale least) =>
        info.Format == ImageFormat.Jpeg ? least.Of(Math.Min(info.Width, info.Height), info.HasReducedChroma) : 1;

    private static Picture? Load(VipsBlob file, bool isStrict, in ImageInfo info, int shrink, Orientation orientation, LargeImageGate? taken, out ImageRefusal? refusal)
    {
        VipsImage? image = null;
        try
        {
            image = VipsImage.Load(file, shrink, isStrict);
            var header = image.ReadHeader();
            if (header.Width > info.Width || header.Height > info.Height)
            {
                throw new VipsException("the decoder finds a larger image than the container announces");
            }

            if (info.ShownBands > 0 && info.ShownBands < header.Bands)
            {
                using var all = image;
                image = all.Apply("extract_band"u8, ("band", "0"), ("n", Text(info.ShownBands)));
                header = image.ReadHeader();
            }

            image = Place(Colours.ToRgb8(image, header), info);
            // An AVIF may be cropped.
            var size = info.Format == ImageFormat.Avif ? (header.Width, header.Height) : (info.Width, info.Height);
            refusal = null;
            return new Picture(image, size, orientation, shrink, taken);
        }
        catch (VipsException e)
        {
            image?.Dispose();
            taken?.Release();
            refusal = new ImageRefusal(RefusalReason.Damaged, Vips.OneLine(e.Message));
            return null;
        }
    }

    private static Picture? DecodeBmp(ReadOnlySpan<byte> bytes, in ImageInfo info, LargeImageGate? taken, out ImageRefusal? refusal)
    {
        _ = BmpHeader.Read(bytes, out var header);
        using var pixels = new BlobWriter(checked((int)info.DecodedBytes));
        refusal = BmpPixels.Decode(bytes, header, pixels.WholeCapacity);
        if (refusal is not null)
        {
            taken?.Release();
            return null;
        }

        var image = VipsImage.FromPixels(pixels.WholeCapacity, info.Width, info.Height, info.Bands);
        return new Picture(Colours.ToRgb8(image, image.ReadHeader()), (info.Width, info.Height), default, 1, taken);
    }

    /// <summary>Places a frame that is smaller than its canvas on white.</summary>
    private static VipsImage Place(VipsImage image, in ImageInfo info)
    {
        if (info.Frame == new FrameArea(0, 0, info.Width, info.Height))
        {
            return image;
        }

        using (image)
        {
            return image.Apply(
                "embed"u8,
                ("x", Text(info.Frame.Left)),
                ("y", Text(info.Frame.Top)),
                ("width", Text(info.Width)),
                ("height", Text(info.Height)),
                ("extend", "white"));
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Decodes <paramref name="width"/> × <paramref name="height"/> pixels from <paramref name="left"/> and
    /// <paramref name="top"/> on, all in decoded pixels; null if they are damaged. Read rows in order, and none twice.
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

    /// <summary>Decoded rows in native memory.</summary>
    public readonly unsafe struct Strip(byte* memory, int rowLength) : IDisposable
    {
        /// <summary>Returns one row, 3 bytes a pixel.</summary>
        public ReadOnlySpan<byte> Row(int index) => new(memory + ((long)index * rowLength), rowLength);

        /// <inheritdoc/>
        public void Dispose() => VipsRegion.Free(memory);
    }
}
