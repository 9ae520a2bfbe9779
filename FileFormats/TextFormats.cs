using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace FileFormats;

/// <summary>Identifies text files: SVG, web pages, Netpbm, JSON and others.</summary>
internal static class TextFormats
{
    private const int MaxLength = 1 << 16;

    private static readonly FileFormat PlainText = new("Plain text", null, FormatSignatures.ChoosePicture);
    private static readonly FileFormat Json = new("JSON", null, FormatSignatures.ChoosePicture);
    private static readonly FileFormat DataUri =
        new("A data URI", null, "save the picture itself as a file, then try again");

    // Text may contain tabs, line ends, form feeds and terminal colours, but no other control characters.
    private static readonly SearchValues<char> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(code => (char)code).Except("\t\n\v\f\r\u001B"), '\u007F']);

    /// <summary>Returns null for a file that is not text.</summary>
    public static FileFormat? Identify(ReadOnlySpan<byte> head) =>
        Netpbm(head) is { } format ? format
            : Decode(head[..Math.Min(head.Length, MaxLength)]) is not { Length: > 0 } text ? null
            : text.AsSpan().ContainsAny(Controls) ? MarkupFormats.Identify(text)
            : MarkupFormats.Identify(text) ?? OfText(text);

    private static FileFormat OfText(string text) =>
        text.TrimStart().StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) ? DataUri
            : IsJson(text) ? Json
            : PlainText;

    /// <summary>Identifies Netpbm by P, a character and white space. The pixels need not be text.</summary>
    private static FileFormat? Netpbm(ReadOnlySpan<byte> head) =>
        head is not [(byte)'P', var kind, (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n', ..] ? null
            : kind switch
            {
                (byte)'1' or (byte)'4' => Picture("PBM"),
                (byte)'2' or (byte)'5' => Picture("PGM"),
                (byte)'3' or (byte)'6' => Picture("PPM"),
                (byte)'7' => Picture("PAM"),
                (byte)'F' or (byte)'f' => Picture("PFM"),
                _ => null,
            };

    private static FileFormat Picture(string name) => new(name, null, PictureFormats.SaveAsJpeg);

    /// <summary>Decodes text. Returns null if it is neither UTF-8 nor UTF-16.</summary>
    private static string? Decode(ReadOnlySpan<byte> head) => head switch
    {
        [0xEF, 0xBB, 0xBF, .. var rest] => Utf8Text(rest),
        [0xFF, 0xFE, .. var rest] => Encoding.Unicode.GetString(rest),
        [0xFE, 0xFF, .. var rest] => Encoding.BigEndianUnicode.GetString(rest),
        [(byte)'<', 0, ..] => Encoding.Unicode.GetString(head),
        [0, (byte)'<', ..] => Encoding.BigEndianUnicode.GetString(head),
        _ => Utf8Text(head),
    };

    /// <summary>Decodes UTF-8, whose last character may be cut off. Markup may be in an older encoding.</summary>
    private static string? Utf8Text(ReadOnlySpan<byte> bytes)
    {
        for (var cut = 0; cut < 4 && cut <= bytes.Length; cut++)
        {
            if (Utf8.IsValid(bytes[..^cut]))
            {
                return Encoding.UTF8.GetString(bytes[..^cut]);
            }
        }

        return bytes.TrimStart(" \t\r\n"u8).StartsWith("<"u8) ? Encoding.Latin1.GetString(bytes) : null;
    }

    private static bool IsJson(string text)
    {
        var start = text.AsSpan().TrimStart();
        if (!start.StartsWith("{") && !start.StartsWith("["))
        {
            return false;
        }

        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(start.ToString()), isFinalBlock: false, default);
        try
        {
            var tokens = 0;
            while (reader.Read())
            {
                tokens++;
            }

            return tokens > 1;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
