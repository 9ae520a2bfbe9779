using System.Buffers;

namespace FileFormats;

/// <summary>
/// Identifies XML and HTML by the first element. The XML declaration, comments and document type before it are skipped.
/// A web page that contains an SVG drawing is therefore identified as a web page.
/// </summary>
internal static class MarkupFormats
{
    private static readonly FileFormat Svg = new("SVG", null, FormatSignatures.ExportAsPng);
    private static readonly FileFormat Html =
        new("A web page", null, "save the picture itself rather than the page, then try again");

    private static readonly FileFormat Xml = new("XML", null, FormatSignatures.ChoosePicture);

    private static readonly SearchValues<char> NameEnds = SearchValues.Create(" \t\r\n\f/>[");

    /// <summary>The elements that a page may begin with, <c>html</c> being optional.</summary>
    private static readonly HashSet<string> PageElements = new(StringComparer.OrdinalIgnoreCase)
    {
        "html", "head", "body", "title", "meta", "link", "script", "style", "div", "p", "a", "img", "table", "h1", "h2",
        "span", "center", "font", "form", "main", "header", "section", "article", "br", "base", "iframe", "picture",
    };

    /// <summary>Returns null for text that is not markup.</summary>
    public static FileFormat? Identify(string text)
    {
        var isXml = false;
        for (var rest = text.AsSpan().TrimStart(); rest.StartsWith("<"); rest = rest.TrimStart())
        {
            if (rest.StartsWith("<!--"))
            {
                rest = Behind(rest[4..], "-->");
            }
            else if (rest.StartsWith("<?"))
            {
                isXml = true;
                rest = Behind(rest[2..], "?>");
            }
            else if (rest.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase))
            {
                if (Name(rest[9..].TrimStart()).Equals("html", StringComparison.OrdinalIgnoreCase))
                {
                    return Html;
                }

                isXml = true;
                rest = BehindDocumentType(rest);
            }
            else
            {
                return OfElement(Name(rest[1..]), isXml);
            }
        }

        return isXml ? Xml : null;
    }

    private static FileFormat? OfElement(ReadOnlySpan<char> name, bool isXml)
    {
        var local = name[(name.IndexOf(':') + 1)..].ToString();
        return local.Equals("svg", StringComparison.OrdinalIgnoreCase) ? Svg
            : PageElements.Contains(local) ? Html
            : isXml ? Xml
            : null;
    }

    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(NameEnds);
        return end < 0 ? text : text[..end];
    }

    /// <summary>Skips a document type, which may contain declarations in brackets.</summary>
    private static ReadOnlySpan<char> BehindDocumentType(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny('>', '[');
        return end >= 0 && text[end] == '[' ? Behind(Behind(text[end..], "]"), ">") : Behind(text, ">");
    }

    private static ReadOnlySpan<char> Behind(ReadOnlySpan<char> text, ReadOnlySpan<char> end)
    {
        var at = text.IndexOf(end);
        return at < 0 ? default : text[(at + end.Length)..];
    }
}
