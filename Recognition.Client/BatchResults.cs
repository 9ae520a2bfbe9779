using System.Net;
using System.Text.Json;

namespace Recognition.Client;

/// <summary>Reads the results of one request.</summary>
internal sealed class BatchResults(PictureFile[] batch, HttpResponseMessage response) : IDisposable
{
    private readonly HashSet<int> open = [.. Enumerable.Range(0, batch.Length)];
    private StreamReader? reader;

    /// <summary>The pictures without a result, in their order.</summary>
    public IEnumerable<PictureFile> Unanswered => open.Order().Select(index => batch[index]);

    /// <summary>
    /// Why the results ended early: an <see cref="IOException"/> of the connection, or a
    /// <see cref="RecognitionException"/> for the whole request. Null if they did not.
    /// </summary>
    public Exception? Failure { get; private set; }

    /// <summary>Returns the next result; null at the end, and after a failure.</summary>
    public async Task<(PictureFile Picture, ResultLine Line)?> NextAsync(CancellationToken cancel)
    {
        try
        {
            reader ??= new StreamReader(await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false));
            if (await reader.ReadLineAsync(cancel).ConfigureAwait(false) is not { } text)
            {
                return open.Count == 0
                    ? null
                    : throw new InvalidDataException($"The response has no results for {open.Count} pictures.");
            }

            var line = Parse(text);
            if (line.Index is not { } index)
            {
                Failure = new RecognitionException((HttpStatusCode)line.Status, line.Problem, null);
                return null;
            }

            return open.Remove(index) && line is not { Answer: null, Problem: null }
                ? (batch[index], line)
                : throw new InvalidDataException($"The response has no result for picture {index}, or two.");
        }
        catch (IOException broken)
        {
            Failure = broken;
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reader?.Dispose();
        response.Dispose();
    }

    private static ResultLine Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ClientJson.Default.ResultLine)
                ?? throw new InvalidDataException("The response is null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException("The response is not a list of results.", error);
        }
    }
}
