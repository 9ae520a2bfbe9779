using static FileFormats.PictureFormats;

namespace FileFormats;

/// <summary>The fixed bytes at a fixed offset that most formats begin with.</summary>
internal static class FormatSignatures
{
    internal const string ExportAsPng = "export it as PNG, then try again";
    internal const string UnpackArchive = "unpack it, and choose the pictures in it";
    internal const string ExportPage = "export the page as PNG, then try again";
    internal const string SaveFrame = "save one of its frames as JPEG, then try again";
    internal const string ExportRaw = "export it as JPEG with the camera or a photo editor, then try again";
    internal const string ChoosePicture = "choose a picture, such as a JPEG or PNG";
    internal const string SaveItsPicture = "save its picture as JPEG, then try again";

    internal static readonly FileFormat Zip = new("ZIP", null, UnpackArchive);
    internal static readonly FileFormat Mov = new("MOV video", null, SaveFrame);

    private static readonly FileFormat Raw = new("Camera raw", null, ExportRaw);
    private static readonly FileFormat Jxl = new("JPEG XL", null, SaveAsJpeg);
    private static readonly FileFormat Mpeg = new("MPEG video", null, SaveFrame);
    private static readonly FileFormat Audio = new("Audio", null, ChoosePicture);
    private static readonly FileFormat Program = new("A program", null, ChoosePicture);

    // Latin-1: one character per byte. The first match wins, so longer signatures precede their prefixes.
    private static readonly Signature[] All =
    [
        new(0, "\xFF\xD8\xFF", Jpeg),
        new(0, "\x89PNG\r\n\x1A\n", Png),
        new(0, "RIFF", 8, "WEBP", WebP),
        new(0, "GIF87a", Gif),
        new(0, "GIF89a", Gif),
        // By the length of the second header: "BM" alone begins texts, too.
        .. "\x0C\x10\x28\x34\x38\x40\x6C\x7C".Select(length => new Signature(0, "BM", 14, $"{length}\0\0\0", Bmp)),

        new(0, "II*\0\x10\0\0\0CR", new("CR2 camera raw", null, ExportRaw)),
        new(0, "II*\0", Tiff),
        new(0, "MM\0*", Tiff),
        new(0, "II+\0\b\0\0\0", new("BigTIFF", null, SaveAsJpeg)),
        new(0, "MM\0+\0\b\0\0", new("BigTIFF", null, SaveAsJpeg)),
        new(0, "IIRO", Raw),
        new(0, "IIRS", Raw),
        new(0, "MMOR", Raw),
        new(0, "IIU\0", Raw),
        new(0, "FUJIFILMCCD-RAW", Raw),
        new(0, "\0MRM", Raw),
        new(0, "FOVb", Raw),
        new(0, "II\x1A\0", 6, "HEAPCCDR", Raw),

        new(0, "\xFF\x0A", Jxl),
        new(0, "\0\0\0\fJXL \r\n\x87\n", Jxl),
        new(0, "\0\0\0\fjP  \r\n\x87\n", new("JPEG 2000", null, SaveAsJpeg)),
        new(0, "\xFF\x4F\xFF\x51", new("JPEG 2000", null, SaveAsJpeg)),
        new(0, "II\xBC\x01", new("JPEG XR", null, SaveAsJpeg)),
        new(0, "8BPS\0\x01", new("PSD", null, SaveAsJpeg)),
        new(0, "8BPS\0\x02", new("PSB", null, SaveAsJpeg)),
        new(0, "gimp xcf", new("XCF", null, SaveAsJpeg)),
        new(0, "qoif", new("QOI", null, SaveAsJpeg)),
        new(0, "FLIF", new("FLIF", null, SaveAsJpeg)),
        new(0, "BPG\xFB", new("BPG", null, SaveAsJpeg)),
        new(0, "DDS ", new("DDS", null, SaveAsJpeg)),
        new(0, "\x76\x2F\x31\x01", new("OpenEXR", null, SaveAsJpeg)),
        new(0, "#?RADIANCE", new("Radiance HDR", null, SaveAsJpeg)),
        new(0, "#?RGBE", new("Radiance HDR", null, SaveAsJpeg)),
        new(0, "SIMPLE  =", new("FITS", null, SaveAsJpeg)),
        new(128, "DICM", new("DICOM", null, SaveAsJpeg)),
        new(0, "\x59\xA6\x6A\x95", new("Sun raster", null, SaveAsJpeg)),
        new(0, "\x01\xDA\0\x01", new("SGI image", null, SaveAsJpeg)),
        new(0, "\x01\xDA\x01\x01", new("SGI image", null, SaveAsJpeg)),
        new(0, "\x8AMNG\r\n\x1A\n", new("MNG", null, SaveAsJpeg)),
        new(0, "\x8BJNG\r\n\x1A\n", new("JNG", null, SaveAsJpeg)),
        new(0, "icns", new("ICNS", null, SaveAsJpeg)),
        new(0, "/* XPM */", new("XPM", null, SaveAsJpeg)),
        new(0, "\xD7\xCD\xC6\x9A", new("WMF", null, ExportAsPng)),
        new(0, "\x01\0\0\0", 40, " EMF", new("EMF", null, ExportAsPng)),

        new(0, "%PDF-", new("PDF", null, ExportPage)),
        new(0, "\xEF\xBB\xBF%PDF-", new("PDF", null, ExportPage)),
        new(0, "\xC5\xD0\xD3\xC6", new("EPS", null, ExportAsPng)),
        new(0, "%!PS-Adobe-", 14, " EPSF", new("EPS", null, ExportAsPng)),
        new(0, "%!PS", new("PostScript", null, ExportPage)),
        new(0, "AT&TFORM", new("DjVu", null, ExportPage)),
        new(0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", new("An Office document", null, SaveItsPicture)),
        new(0, "{\\rtf", new("RTF", null, SaveItsPicture)),

        new(0, "PK\x03\x04", Zip),
        new(0, "PK\x05\x06", Zip),
        new(0, "PK\a\b", Zip),
        new(0, "\x1F\x8B", new("GZIP", null, UnpackArchive)),
        new(0, "BZh", new("BZIP2", null, UnpackArchive)),
        new(0, "\u00FD7zXZ\0", new("XZ", null, UnpackArchive)),
        new(0, "\x28\xB5\x2F\xFD", new("Zstandard", null, UnpackArchive)),
        new(0, "7z\xBC\xAF\x27\x1C", new("7z", null, UnpackArchive)),
        new(0, "Rar!\x1A\a", new("RAR", null, UnpackArchive)),
        new(257, "ustar", new("TAR", null, UnpackArchive)),

        new(0, "\x1A\x45\xDF\xA3", new("WebM or Matroska video", null, SaveFrame)),
        new(0, "RIFF", 8, "AVI ", new("AVI video", null, SaveFrame)),
        new(0, "FLV\x01", new("Flash video", null, SaveFrame)),
        new(0, "\0\0\x01\xBA", Mpeg),
        new(0, "\0\0\x01\xB3", Mpeg),
        new(0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11", new("WMV video", null, SaveFrame)),
        new(4, "moov", Mov),
        new(4, "mdat", Mov),
        new(0, "\0\0\0\bwide", Mov),
        new(0, "OggS", new("Ogg", null, ChoosePicture)),
        new(0, "RIFF", 8, "WAVE", Audio),
        new(0, "ID3", Audio),
        new(0, "\xFF\xFB", Audio),
        new(0, "fLaC", Audio),
        new(0, "MThd", Audio),
        new(0, "\x7F\x45LF", Program),
        new(0, "MZ\x90\0", Program),
        new(0, "SQLite format 3\0", new("SQLite", null, ChoosePicture)),
    ];

    /// <summary>Returns the format, or null if no signature matches.</summary>
    public static FileFormat? Identify(ReadOnlySpan<byte> head)
    {
        foreach (var signature in All)
        {
            if (signature.IsIn(head))
            {
                return signature.Format;
            }
        }

        return null;
    }
}
