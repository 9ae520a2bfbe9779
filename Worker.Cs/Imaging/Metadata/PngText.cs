using System.IO.Compression;

namespace Worker.Imaging;

/// <summary>
/// Reads texts in PNG chunks: <c>tEXt = keyword 0 text</c>, <c>zTXt = keyword 0 method zlib</c>,
/// <c>iTXt = keyword 0 compressed method language 0 translation 0 (text / zlib)</c>.
/// </summary>
internal static class PngText
{
    // XMP in a JPEG has at most this length; a compressed text may expand to any length.
    private const int MaxInflated = 64 << 10;
    private const int Type = sizeof(uint);

    /// <summary>The keyword of EXIF as ImageMagick writes it.</summary>
    public static ReadOnlySpan<byte> ExifKeyword => "Raw profile type exif\0"u8;

    /// <summary>The keyword of XMP.</summary>
    public static ReadOnlySpan<byte> XmpKeyword => "XML:com.adobe.xmp\0"u8;

    /// <summary>Returns whether a chunk of this type holds a text with this 0-terminated keyword.</summary>
    public static bool Is(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data, ReadOnlySpan<byte> keyword)
    {
        var isText = type.SequenceEqual("tEXt"u8) || type.SequenceEqual("zTXt"u8) || type.SequenceEqual("iTXt"u8);
        return isText && data.StartsWith(keyword);
    }

    /// <summary>
    /// Returns the text of a chunk, given from its type on; at most 64 KiB of a compressed text, and nothing of a
    /// damaged one.
    /// </summary>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length < Type)
        {
            return [];
        }

        var data = chunk[Type..];
        var text = data[(data.IndexOf((byte)0) + 1)..];
        switch (chunk[0])
        {
            case (byte)'t':
                return text;
            case (byte)'z':
                return text.IsEmpty ? [] : Inflate(text[1..]);
            default:
                if (text.Length < 2)
                {
                    return [];
                }

                var rest = text[2..];
                rest = rest[(rest.IndexOf((byte)0) + 1)..];
                rest = rest[(rest.IndexOf((byte)0) + 1)..];
                return text[0] == 0 ? rest : Inflate(rest);
        }
    }

    /// <summary>
    /// Decodes a raw profile: an empty line, its name, its length, and the bytes in hexadecimal. Ends at the first
    /// character that is neither a digit nor white space.
    /// </summary>
    public static byte[] ReadHex(ReadOnlySpan<byte> profile)
    {
        for (var line = 0; line < 3; line++)
        {
            profile = profile[(profile.IndexOf((byte)'\n') + 1)..];
        }

        var digits = new byte[Math.Min(profile.Length, MaxInflated)];
        var count = 0;
        foreach (var character in profile[..digits.Length])
        {
            if (char.IsAsciiHexDigit((char)character))
            {
                digits[count++] = character;
            }
            else if (!char.IsWhiteSpace((char)character))
            {
                break;
            }
        }

        return Convert.FromHexString(System.Text.Encoding.ASCII.GetString(digits, 0, count & ~1));
    }

    private static byte[] Inflate(ReadOnlySpan<byte> compressed)
    {
        using var source = new MemoryStream(compressed.ToArray());
        using var inflater = new ZLibStream(source, CompressionMode.Decompress);
        var text = new byte[MaxInflated];
        try
        {
            var length = inflater.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return text[..length];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }
}
