using System.Buffers.Binary;

namespace FileFormats;

/// <summary>The coding process of a JPEG, from its frame header: most decoders read 8-bit DCT only.</summary>
internal static class JpegProcess
{
    private static readonly FileFormat HighPrecision = Unsupported("12-bit JPEG");
    private static readonly FileFormat Lossless = Unsupported("Lossless JPEG");
    private static readonly FileFormat Hierarchical = Unsupported("Hierarchical JPEG");
    private static readonly FileFormat JpegLs = Unsupported("JPEG-LS");

    /// <summary>Returns null for ordinary JPEG, or if <paramref name="head"/> lacks the frame header.</summary>
    public static FileFormat? FindUnsupported(ReadOnlySpan<byte> head)
    {
        for (var at = 2; at + 4 <= head.Length && head[at] == 0xFF;)
        {
            var marker = head[at + 1];
            if (marker is 0xFF)
            {
                at++;
            }
            else if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
            {
                at += 2;
            }
            else if (marker is 0xDA or 0xD9)
            {
                return null;
            }
            else if (IsFrame(marker))
            {
                return at + 4 < head.Length ? OfFrame(marker, head[at + 4]) : null;
            }
            else
            {
                at += 2 + BinaryPrimitives.ReadUInt16BigEndian(head[(at + 2)..]);
            }
        }

        return null;
    }

    // 0xC4 defines Huffman tables, 0xC8 is reserved and 0xCC defines arithmetic coding; 0xF7 is JPEG-LS.
    private static bool IsFrame(byte marker) =>
        marker is (>= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC)) or 0xDE or 0xF7;

    private static FileFormat? OfFrame(byte marker, byte precision) => marker switch
    {
        0xF7 => JpegLs,
        0xC3 or 0xCB => Lossless,
        0xDE or 0xC5 or 0xC6 or 0xC7 or 0xCD or 0xCE or 0xCF => Hierarchical,
        _ => precision is > 8 and <= 16 ? HighPrecision : null,
    };

    private static FileFormat Unsupported(string name) =>
        new(name, null, "save the picture as an ordinary 8-bit JPEG, then try again");
}
