namespace FileFormats;

/// <summary>The picture formats that are classified.</summary>
public static class PictureFormats
{
    internal const string SaveAsJpeg = "save the picture as JPEG, then try again";

    internal static readonly FileFormat Jpeg = new("JPEG", "image/jpeg", SaveAsJpeg);
    internal static readonly FileFormat Png = new("PNG", "image/png", SaveAsJpeg);
    internal static readonly FileFormat WebP = new("WebP", "image/webp", SaveAsJpeg);
    internal static readonly FileFormat Gif = new("GIF", "image/gif", SaveAsJpeg);
    internal static readonly FileFormat Avif = new("AVIF", "image/avif", SaveAsJpeg);
    internal static readonly FileFormat Tiff = new("TIFF", "image/tiff", SaveAsJpeg);
    internal static readonly FileFormat Bmp = new("BMP", "image/bmp", SaveAsJpeg);

    /// <summary>The formats, most common first.</summary>
    public static IReadOnlyList<FileFormat> Supported { get; } = [Jpeg, Png, WebP, Gif, Avif, Tiff, Bmp];

    /// <summary>Their names in a sentence: <c>JPEG, PNG or GIF</c>.</summary>
    public static string Names { get; } =
        string.Join(", ", Supported.SkipLast(1).Select(format => format.Name)) + " or " + Supported[^1].Name;
}
