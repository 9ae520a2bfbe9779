using NetVips;
using Worker.Imaging.Containers;

namespace Worker.Imaging;

/// <summary>
/// An image whose header is read and whose rows are decoded lazily, top to bottom: sRGB, 8 bits, alpha over white, the
/// first frame of an animation, as stored (before EXIF orientation).
/// </summary>
internal sealed class ImageDecoder : IDisposable
{
    private static readonly ImageRefusal Busy =
        new(RefusalReason.Busy, "The worker is busy with other large images. Try again.");

    private readonly Image image;
    private readonly Region region;
    private readonly LargeImageGate? gate;

    private ImageDecoder(Image image, in ImageInfo info, Orientation orientation, int shrink, LargeImageGate? gate)
    {
        this.image = image;
        region = Region.New(image);
        this.gate = gate;
        Shrink = shrink;
        // An AVIF may be cropped.
        (Width, Height) = info.Format == ImageFormat.Avif ? (image.Width, image.Height) : (info.Width, info.Height);
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
    /// <paramref name="least"/> allows. A large image holds <paramref name="gate"/> until it is disposed.
    /// <paramref name="isRepaired"/> decodes the output of <see cref="ImageRepair"/> instead of the file.
    /// </summary>
    public static ImageDecoder? Open(
        ReadOnlySpan<byte> bytes,
        ImagingLimits limits,
        DecodeScale least,
        LargeImageGate gate,
        out ImageRefusal? refusal,
        bool isRepaired = false)
    {
        Vips.EnsureReady();
        refusal = FormatCheck.Check(bytes, out var format);
        if (refusal is not null)
        {
            return null;
        }

        ImageDecoder? decoder = null;
        Image? image = null;
        LargeImageGate? taken = null;
        var writer = new NativeBuffer(bytes.Length + ImageContainer.Growth);
        try
        {
            refusal = ImageContainer.Read(bytes, format, ref writer, out var info);
            var shrink = ChooseShrink(info, least);
            var cost = DecodeCost.Estimate(info, shrink);
            refusal ??= CheckDecodeCost.Check(info, cost, limits);
            if (refusal is null && cost.IsLarge)
            {
                taken = gate.TryTake() ? gate : null;
                refusal = taken is null ? Busy : null;
            }

            var isStrict = false;
            refusal ??= isRepaired ? ImageRepair.Write(info, limits.MaxHeld, ref writer, out isStrict) : null;
            if (refusal is not null)
            {
                return null;
            }

            image = format == ImageFormat.Bmp
                ? DecodeBmp(bytes, info, out refusal)
                : ImageLoader.Load(writer.Written, info, shrink, isStrict);
            return image is null ? null
                : decoder = new ImageDecoder(image, info, StoredOrientation.Read(bytes, info), shrink, taken);
        }
        catch (VipsException e)
        {
            refusal = Vips.Damaged(e);
            return null;
        }
        finally
        {
            writer.Dispose();
            if (decoder is null)
            {
                image?.Dispose();
                taken?.Release();
            }
        }
    }

    /// <summary>Returns 1, 2, 4 or 8: the reduction at which an image is decoded.</summary>
    internal static int ChooseShrink(in ImageInfo info, DecodeScale least) =>
        info.Format == ImageFormat.Jpeg ? least.Of(Math.Min(info.Width, info.Height), info.HasReducedChroma) : 1;

    private static Image? DecodeBmp(ReadOnlySpan<byte> bytes, in ImageInfo info, out ImageRefusal? refusal)
    {
        _ = BmpHeader.Read(bytes, out var header);
        using var pixels = new NativeBuffer(checked((int)info.DecodedBytes));
        refusal = BmpPixels.Decode(bytes, header, pixels.WholeCapacity);
        return refusal is null ? ImageLoader.FromPixels(pixels.WholeCapacity, info) : null;
    }

    /// <summary>
    /// Decodes <paramref name="width"/> × <paramref name="height"/> pixels from <paramref name="left"/> and
    /// <paramref name="top"/> on, all in decoded pixels. Read rows in order, and none twice.
    /// </summary>
    /// <exception cref="VipsException">The image is damaged.</exception>
    public PixelRows Read(int left, int top, int width, int height) => new(region, left, top, width, height);

    /// <inheritdoc/>
    public void Dispose()
    {
        region.Dispose();
        image.Dispose();
        gate?.Release();
    }
}
