using NetVips;
using Worker.Imaging.Containers;

namespace Worker.Imaging;

/// <summary>Opens images with libvips, as three 8-bit bands on the whole canvas; pixels are decoded lazily.</summary>
internal static class ImageLoader
{
    /// <summary>
    /// Reads the header of <paramref name="file"/>, which is copied, for one decode from top to bottom that fails if
    /// the file is truncated. A JPEG is reduced by a <paramref name="shrink"/> of 2, 4 or 8; other formats take 1. If
    /// <paramref name="isStrict"/>, decoder warnings are errors.
    /// </summary>
    /// <exception cref="VipsException">The file can't be read.</exception>
    public static Image Load(ReadOnlySpan<byte> file, in ImageInfo info, int shrink, bool isStrict)
    {
        var image = Image.NewFromBuffer(
            file,
            access: Enums.Access.Sequential,
            failOn: isStrict ? Enums.FailOn.Warning : Enums.FailOn.Truncated,
            kwargs: shrink > 1 ? new VOption { { "shrink", shrink } } : null);
        try
        {
            if (image.Width > info.Width || image.Height > info.Height)
            {
                throw new VipsException("the decoder found a larger image than the container declares");
            }

            if (info.ShownBands > 0 && info.ShownBands < image.Bands)
            {
                using var all = image;
                image = all.ExtractBand(0, n: info.ShownBands);
            }

            image = Colours.ToRgb8(image);
            return Place(image, info);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>Copies sRGB pixels of 8 bits, with or without alpha.</summary>
    /// <exception cref="VipsException">There is not enough memory.</exception>
    public static Image FromPixels(ReadOnlySpan<byte> pixels, in ImageInfo info)
    {
        using var copy = Image.NewFromMemoryCopy(pixels, info.Width, info.Height, info.Bands, Enums.BandFormat.Uchar);
        return Colours.ToRgb8(copy.Copy(interpretation: Enums.Interpretation.Srgb));
    }

    /// <summary>Places a frame that is smaller than its canvas on white.</summary>
    private static Image Place(Image image, in ImageInfo info)
    {
        if (info.Frame == new FrameArea(0, 0, info.Width, info.Height))
        {
            return image;
        }

        using (image)
        {
            return image.Embed(
                info.Frame.Left, info.Frame.Top, info.Width, info.Height, extend: Enums.Extend.White);
        }
    }
}
