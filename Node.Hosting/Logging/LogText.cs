using System.Globalization;
using System.Text;

namespace Node.Hosting.Logging;

/// <summary>Makes untrusted text safe for a line of a text log.</summary>
public static class LogText
{
    /// <summary>The longest value in a line, in characters.</summary>
    public const int MaxValue = 256;

    /// <summary>The longest message, in characters.</summary>
    public const int MaxMessage = 4096;

    private const string Ellipsis = "…";

    /// <summary>
    /// Escapes every character that ends a line, moves a terminal's cursor, reorders or hides the text around it, or is
    /// half of a pair.
    /// </summary>
    public static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\r':
                    escaped.Append("\\r");
                    break;
                case '\n':
                    escaped.Append("\\n");
                    break;
                case '\t':
                    escaped.Append("\\t");
                    break;
                case > 0xFFFF when IsUnsafe(rune):
                    escaped.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
                    break;
                case var value when IsUnsafe(rune):
                    escaped.Append(CultureInfo.InvariantCulture, $"\\u{value:x4}");
                    break;
                default:
                    escaped.Append(rune.ToString());
                    break;
            }
        }

        return escaped.ToString();
    }

    /// <summary>Cuts a text to <paramref name="length"/> characters; an ellipsis replaces the rest.</summary>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        var end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return string.Concat(text.AsSpan(0, end), Ellipsis);
    }

    /// <summary>Formats a message as one line and cuts the long values of <paramref name="state"/> in it.</summary>
    public static string Message(string message, object? state)
    {
        if (message.Length > MaxValue && state is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            foreach (var (name, value) in values)
            {
                if (name != "{OriginalFormat}" && value?.ToString() is { Length: > MaxValue } text)
                {
                    message = message.Replace(text, Cut(text, MaxValue), StringComparison.Ordinal);
                }
            }
        }

        return Cut(Escape(Cut(message, MaxMessage)), MaxMessage);
    }

    /// <summary>Formats an exception like <see cref="object.ToString"/>, but with its message on one line.</summary>
    public static string Exception(Exception exception)
    {
        var text = new StringBuilder();
        for (var (e, depth) = (exception, 0); e is not null && depth < 8; (e, depth) = (e.InnerException, depth + 1))
        {
            var head = $"{(depth > 0 ? " ---> " : "")}{e.GetType()}: {Escape(Cut(e.Message, MaxValue))}";
            text.Append(depth > 0 ? Environment.NewLine : "").Append(head);
            if (e.StackTrace is { } trace)
            {
                text.Append(Environment.NewLine).Append(trace);
            }
        }

        return text.ToString();
    }

    private static bool IsUnsafe(Rune rune) => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;
}
