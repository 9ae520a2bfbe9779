namespace FileFormats;

/// <summary>Identifies a file's format by its content, never by its name.</summary>
public static class FormatDetector
{
    /// <summary>
    /// Returns the format of a file that begins with <paramref name="head"/>, or null for an unknown one. About 4 KiB
    /// identify most files; 12-bit JPEG, camera raw and Targa may need the whole file.
    /// </summary>
    public static FileFormat? Identify(ReadOnlySpan<byte> head) =>
        IsoMediaFormats.Identify(head) ?? FormatSignatures.Identify(head) switch
        {
            { } found when found == PictureFormats.Jpeg => JpegProcess.FindUnsupported(head) ?? found,
            { } found when found == PictureFormats.Tiff => CameraRaw.Identify(head) ?? found,
            { } found when found == FormatSignatures.Zip => ZipFormats.Identify(head),
            { } found => found,
            null => TextFormats.Identify(head) ?? IconFormats.Identify(head) ?? TargaFormat.Identify(head),
        };
}
