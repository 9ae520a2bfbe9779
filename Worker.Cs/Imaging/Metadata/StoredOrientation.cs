using Worker.Imaging.Containers;

namespace Worker.Imaging;

/// <summary>
/// The orientation in a file's metadata: EXIF's, else XMP's. Browsers use only the EXIF of JPEG and PNG; if they and
/// Pillow differ, this follows Pillow.
/// </summary>
internal static class StoredOrientation
{
    /// <summary>Reads the orientation from the metadata that the container parser found.</summary>
    public static Orientation Read(ReadOnlySpan<byte> file, in ImageInfo info)
    {
        var exif = file[info.Exif];
        var value = ExifOrientation.Read(exif.IsEmpty ? PngText.ReadHex(PngText.Read(file[info.ExifText])) : exif)
            ?? XmpOrientation.Read(info.Format == ImageFormat.Png ? PngText.Read(file[info.Xmp]) : file[info.Xmp]);
        return Orientation.FromExif(value ?? 0);
    }
}
