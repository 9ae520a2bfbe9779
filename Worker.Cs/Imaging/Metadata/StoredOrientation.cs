using Worker.Imaging.Containers;

namespace Worker.Imaging;

/// <summary>
/// The orientation that a file asks for: EXIF's, else XMP's. Browsers look at the EXIF of a JPEG and a PNG alone;
/// where they and Pillow differ, this is Pillow's.
/// </summary>
internal static class StoredOrientation
{
    /// <summary>Reads the metadata that the container's walk found.</summary>
    public static Orientation Read(ReadOnlySpan<byte> file, in ImageInfo info)
    {
        var exif = file[info.Exif];
        var value = ExifOrientation.Read(exif.IsEmpty ? PngText.ReadHex(PngText.Read(file[info.ExifText])) : exif)
            ?? XmpOrientation.Read(info.Format == ImageFormat.Png ? PngText.Read(file[info.Xmp]) : file[info.Xmp]);
        return Orientation.FromExif(value ?? 0);
    }
}
