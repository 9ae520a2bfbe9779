using System.Buffers.Binary;
using System.Text;

namespace FileFormats;

/// <summary>
/// ISO base media files (HEIC, AVIF, MP4, MOV, CR3). They share the <c>ftyp</c> box: the major brand, a version, and
/// compatible brands. If the major brand only names the container, such as <c>mif1</c>, the compatible brands decide.
/// </summary>
internal static class IsoMediaFormats
{
    private const int MaxBrands = 256;

    private static readonly FileFormat Heic = new("HEIC", null, PictureFormats.SaveAsJpeg);
    private static readonly FileFormat Heif = new("HEIF", null, PictureFormats.SaveAsJpeg);
    private static readonly FileFormat Cr3 = new("CR3 camera raw", null, FormatSignatures.ExportRaw);
    private static readonly FileFormat Mp4 = new("MP4 video", null, FormatSignatures.SaveFrame);
    private static readonly FileFormat Audio = new("MP4 audio", null, FormatSignatures.ChoosePicture);
    private static readonly FileFormat Jxl = new("JPEG XL", null, PictureFormats.SaveAsJpeg);

    /// <summary>Returns null for a file that does not begin with an <c>ftyp</c> box.</summary>
    public static FileFormat? Identify(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12 || !head[4..8].SequenceEqual("ftyp"u8))
        {
            return null;
        }

        var size = BinaryPrimitives.ReadUInt32BigEndian(head);
        // After a size of 1, an 8-byte size follows the type.
        var start = size == 1 ? 16 : 8;
        var end = size < start ? head.Length : (int)Math.Min(size, (uint)head.Length);
        if (end < start + 4)
        {
            return null;
        }

        var major = head.Slice(start, 4);
        var found = OfBrand(major);
        for (var at = start + 8; found is null && at + 4 <= end && at < start + 8 + (4 * MaxBrands); at += 4)
        {
            found = OfBrand(head.Slice(at, 4));
        }

        return found ?? (major.SequenceEqual("mif1"u8) || major.SequenceEqual("msf1"u8) ? Heif : Mp4);
    }

    /// <summary>Returns null for a brand that several formats share.</summary>
    private static FileFormat? OfBrand(ReadOnlySpan<byte> brand) => Encoding.Latin1.GetString(brand) switch
    {
        "avif" or "avis" or "avio" => PictureFormats.Avif,
        "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx" or "hevm" or "hevs" => Heic,
        "crx " => Cr3,
        "jxl " => Jxl,
        "qt  " => FormatSignatures.Mov,
        "M4A " or "M4B " => Audio,
        "mp41" or "mp42" or "isom" or "iso2" or "avc1" or "M4V " or "dash" => Mp4,
        _ => null,
    };
}
