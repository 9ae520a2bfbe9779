namespace Worker.Imaging.Containers;

/// <summary>
/// Reads an image file's structure and rewrites the file for the native decoder: what the pixels do not need, and every
/// frame after the first, is left out. Time is linear in the file's length, and nothing is allocated that the file asks for.
/// </summary>
internal static class ImageContainer
{
    /// <summary>Bytes by which a rewritten file may be longer than the original.</summary>
    public const int Growth = 512;

    /// <summary>
    /// Writes the rewritten file to <paramref name="output"/>. Returns null exactly when the structure could be read.
    /// </summary>
    public static ImageRefusal? Read(ReadOnlySpan<byte> file, ImageFormat format, ref BlobWriter output, out ImageInfo info)
    {
        var refusal = format switch
        {
            ImageFormat.Jpeg => JpegContainer.Read(file, ref output, out info),
            ImageFormat.Png => PngContainer.Read(file, ref output, out info),
            ImageFormat.WebP => WebPContainer.Read(file, ref output, out info),
            ImageFormat.Gif => GifContainer.Read(file, ref output, out info),
            ImageFormat.Tiff => TiffContainer.Read(file, ref output, out info),
            ImageFormat.Avif => AvifContainer.Read(file, ref output, out info),
            _ => DescribeBmp(file, out info),
        };
        info = info with { CompressedBytes = output.Count };
        return refusal;
    }

    /// <summary>Nothing is written: libvips does not read BMP.</summary>
    private static ImageRefusal? DescribeBmp(ReadOnlySpan<byte> file, out ImageInfo info)
    {
        var refusal = BmpHeader.Read(file, out var header);
        info = refusal is null ? new ImageInfo(ImageFormat.Bmp, header.Width, header.Height) { Bands = header.Bands } : default;
        return refusal;
    }

    /// <summary>The refusal of a file whose structure is broken.</summary>
    public static ImageRefusal Damaged(string detail) => new(RefusalReason.Damaged, detail);

    /// <summary>The refusal of a file that ends too early.</summary>
    public static ImageRefusal CutShort(string part) => Damaged($"the file ends within {part}");

    /// <summary>The refusal of a variant of a format that has no decoder here.</summary>
    public static ImageRefusal Unsupported(string variant, string advice) =>
        new(RefusalReason.Unsupported, $"{variant} is not supported; {advice}.");
}
