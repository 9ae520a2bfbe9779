using System.Buffers.Binary;

namespace FileFormats;

/// <summary>Identifies Targa, which has no signature: a header of 18 bytes, and in version 2 a footer.</summary>
internal static class TargaFormat
{
    private const int HeaderLength = 18;

    private static readonly FileFormat Targa = new("TGA", null, PictureFormats.SaveAsJpeg);

    private static ReadOnlySpan<byte> Footer => "TRUEVISION-XFILE.\0"u8;

    /// <summary>Returns null for any other file.</summary>
    public static FileFormat? Identify(ReadOnlySpan<byte> file) =>
        file.EndsWith(Footer) || (file.Length > HeaderLength && IsHeader(file)) ? Targa : null;

    private static bool IsHeader(ReadOnlySpan<byte> header)
    {
        var (palette, kind, depth) = (header[1], header[2], header[16]);
        var isPaletted = kind is 1 or 9;
        return (isPaletted ? palette == 1 : palette == 0 && header[3..8].IndexOfAnyExcept((byte)0) < 0)
            && kind is 1 or 2 or 3 or 9 or 10 or 11
            && depth is 8 or 15 or 16 or 24 or 32
            && BinaryPrimitives.ReadUInt16LittleEndian(header[12..]) > 0
            && BinaryPrimitives.ReadUInt16LittleEndian(header[14..]) > 0
            && (header[17] & 0xC0) == 0;
    }
}
