using System.Buffers;
using System.Globalization;
using Recognize.Classifiers;
using Recognize.Pictures;

namespace Recognize.Reports;

/// <summary>
/// Writes RFC 4180 CSV: a header, then one record for each picture with its classes, most probable first, and its
/// answer, or its error. An apostrophe precedes text that a spreadsheet would treat as a formula, as in the web page's
/// CSV.
/// </summary>
/// <param name="output">The destination, in UTF-8.</param>
/// <param name="top">The number of classes that have columns.</param>
internal sealed class CsvReport(TextWriter output, int top) : IReport
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    // Columns before and behind those of the classes.
    private const int Fixed = 5;
    private const int Last = 3;

    private bool hasHeader;

    /// <inheritdoc/>
    public void Show(PictureSource source, ClassificationResult.Succeeded succeeded)
    {
        var answer = succeeded.Answer;
        var classes = answer.Predictions
            .Take(top)
            .SelectMany(found => new[] { Text(found.Label), Number(found.Probability) });
        List<string> record =
        [
            Text(source.Name), "", Text(answer.Model), Text(answer.Worker ?? ""), Number(answer.Milliseconds),
            .. classes,
        ];
        record.AddRange(Enumerable.Repeat("", (2 * top) + Fixed - record.Count));
        var probability = answer.Answer is { } hedged ? Number(hedged.Probability) : "";
        Write([.. record, Text(answer.Answer?.Label ?? ""), probability, Text(answer.Answer?.Id ?? "")]);
    }

    /// <inheritdoc/>
    public void Show(PictureSource source, ClassificationResult.Refused refused) =>
        Write([Text(source.Name), Text(refused.Reason), "", "", ""]);

    private void Write(List<string> record)
    {
        if (!hasHeader)
        {
            hasHeader = true;
            Write(["file", "error", "model", "worker", "milliseconds", .. Enumerable.Range(1, top).SelectMany(rank =>
                new[] { $"label{rank}", $"probability{rank}" }), "answer", "answer_probability", "answer_id"]);
        }

        record.AddRange(Enumerable.Repeat("", (2 * top) + Fixed + Last - record.Count));
        output.Write(string.Join(',', record.Select(Field)) + "\r\n");
        output.Flush();
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Replaces control characters, which could move a cursor, except tabs and line ends.</summary>
    private static string Text(string text)
    {
        var clean = string.Concat(
            text.Select(c => char.IsControl(c) && c is not ('\r' or '\n' or '\t') ? '\uFFFD' : c));
        return clean is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? $"'{clean}" : clean;
    }

    private static string Field(string value) =>
        value.AsSpan().ContainsAny(Special) ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
