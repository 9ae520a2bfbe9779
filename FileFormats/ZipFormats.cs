using System.Buffers.Binary;

namespace FileFormats;

/// <summary>Identifies documents that are ZIP archives by the name of their first file.</summary>
internal static class ZipFormats
{
    private const int HeaderLength = 30;

    private static readonly FileFormat Office = new("An Office document", null, FormatSignatures.SaveItsPicture);
    private static readonly FileFormat Epub = new("EPUB", null, FormatSignatures.SaveItsPicture);

    /// <summary>Returns the document's format, or ZIP.</summary>
    public static FileFormat Identify(ReadOnlySpan<byte> head)
    {
        if (head.Length < HeaderLength)
        {
            return FormatSignatures.Zip;
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(head[26..]);
        var extra = BinaryPrimitives.ReadUInt16LittleEndian(head[28..]);
        var rest = head[HeaderLength..];
        var name = rest[..Math.Min(length, rest.Length)];
        var content = rest[Math.Min(length + extra, rest.Length)..];
        return name.SequenceEqual("[Content_Types].xml"u8) || name.StartsWith("_rels/"u8) || name.StartsWith("word/"u8)
            || name.StartsWith("xl/"u8) || name.StartsWith("ppt/"u8) || name.StartsWith("docProps/"u8) ? Office
            : !name.SequenceEqual("mimetype"u8) ? FormatSignatures.Zip
            : content.StartsWith("application/epub+zip"u8) ? Epub
            : content.StartsWith("application/vnd.oasis.opendocument"u8) ? Office
            : FormatSignatures.Zip;
    }
}
