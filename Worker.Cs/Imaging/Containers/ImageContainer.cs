namespace Worker.Imaging.Containers;

/// <summary>
/// Parses an image file and rewrites it for the native decoder, without the parts that the pixels do not need and
/// without later frames. Takes linear time, and allocates nothing whose size the file determines.
/// </summary>
internal static class ImageContainer
{
    /// <summary>The most bytes by which a rewritten file may be longer than the original.</summary>
    public const int Growth = 512;

    /// <summary>
    /// Writes the rewritten file to <paramref name="output"/>. Returns null if the structure is valid.
    /// </summary>
    public static ImageRefusal? Read(
        ReadOnlySpan<byte> file, ImageFormat format, ref NativeBuffer output, out ImageInfo info)
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

    /// <summary>Describes a BMP file and writes nothing: libvips does not read BMP.</summary>
    private static ImageRefusal? DescribeBmp(ReadOnlySpan<byte> file, out ImageInfo info)
    {
        var refusal = BmpHeader.Read(file, out var header);
        info = refusal is null
            ? new ImageInfo(ImageFormat.Bmp, header.Width, header.Height) { Bands = header.Bands }
            : default;
        return refusal;
    }

    /// <summary>Returns the refusal of a file whose structure is invalid.</summary>
    public static ImageRefusal Damaged(string detail) => new(RefusalReason.Damaged, detail);

    /// <summary>Returns the refusal of a truncated file.</summary>
    public static ImageRefusal CutShort(string part) => Damaged($"the file ends within {part}");

    /// <summary>Returns the refusal of a variant of a format that is not supported.</summary>
    public static ImageRefusal Unsupported(string variant, string advice) =>
        new(RefusalReason.Unsupported, $"{variant} is not supported; {advice}.");
}
