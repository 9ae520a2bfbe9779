using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Recognition.Client;

/// <summary>
/// Classifies pictures through a web node; safe for concurrent calls. Errors of the server are a
/// <see cref="RecognitionException"/>, of the connection an <see cref="HttpRequestException"/>. A response of something
/// else than a web node is an <see cref="InvalidDataException"/>.
/// </summary>
/// <param name="http">A client whose <see cref="HttpClient.BaseAddress"/> is the address of the node's page.</param>
/// <param name="retries">When a request is sent again.</param>
public sealed class RecognitionClient(HttpClient http, Retries? retries = null)
{
    /// <summary>Files of one request: half of the server's default limit.</summary>
    private const int BatchSize = 32;

    private readonly Retries retries = retries ?? new Retries();

    /// <summary>Classifies a picture: a whole file, such as a JPEG or PNG.</summary>
    public Task<Classification> ClassifyAsync(
        ReadOnlyMemory<byte> picture, ClassifyOptions? options = null, CancellationToken cancel = default) =>
        SendAsync(
            () =>
            {
                var body = new ReadOnlyMemoryContent(picture);
                body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                return new HttpRequestMessage(HttpMethod.Post, "api/classify" + options?.Query()) { Content = body };
            },
            ClientJson.Default.Classification,
            cancel);

    /// <summary>
    /// Classifies pictures, several of them in one request. Returns each result as soon as it is ready, in any order. A
    /// picture that the server has no time for is sent again.
    /// </summary>
    public async IAsyncEnumerable<PictureResult> ClassifyBatchAsync(
        IEnumerable<PictureFile> pictures,
        ClassifyOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        foreach (var batch in pictures.Chunk(BatchSize))
        {
            using var response = await retries.Pipeline().ExecuteAsync(
                async stop => await StartAsync(
                    () => Form(batch, options), HttpCompletionOption.ResponseHeadersRead, stop),
                cancel);
            await using var body = await response.Content.ReadAsStreamAsync(cancel);
            using var reader = new StreamReader(body);
            while (await reader.ReadLineAsync(cancel) is { } text)
            {
                var line = Parse(text);
                if (line.Index is not { } index)
                {
                    throw new RecognitionException((HttpStatusCode)line.Status, line.Problem, null);
                }

                yield return line.Status is 429 or 503
                    ? await AgainAsync(batch[index], options, cancel)
                    : new PictureResult(batch[index], line.Answer, line.Problem);
            }
        }
    }

    /// <summary>Returns the models that the server's workers serve.</summary>
    public async Task<IReadOnlyList<Model>> GetModelsAsync(CancellationToken cancel = default)
    {
        var request = () => new HttpRequestMessage(HttpMethod.Get, "api/models");
        return (await SendAsync(request, ClientJson.Default.ModelList, cancel)).Models;
    }

    /// <summary>Returns the names of a model's classes, by their numbers.</summary>
    public async Task<IReadOnlyList<string>> GetLabelsAsync(string model, CancellationToken cancel = default) =>
        (await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, $"api/models/{Uri.EscapeDataString(model)}/labels"),
            ClientJson.Default.LabelList,
            cancel)).Labels;

    private static HttpRequestMessage Form(PictureFile[] batch, ClassifyOptions? options)
    {
        var form = new MultipartFormDataContent();
        foreach (var picture in batch)
        {
            form.Add(new ReadOnlyMemoryContent(picture.Content), "files", picture.Name);
        }

        return new HttpRequestMessage(HttpMethod.Post, "api/classify/batch" + options?.Query())
        {
            Content = form,
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/x-ndjson") } },
        };
    }

    private async Task<PictureResult> AgainAsync(
        PictureFile picture, ClassifyOptions? options, CancellationToken cancel)
    {
        try
        {
            return new PictureResult(picture, await ClassifyAsync(picture.Content, options, cancel), null);
        }
        catch (RecognitionException error)
        {
            return new PictureResult(picture, null, error.Problem ?? new Problem(error.Message, null));
        }
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

    private async Task<T> SendAsync<T>(
        Func<HttpRequestMessage> request, JsonTypeInfo<T> type, CancellationToken cancel) =>
        await retries.Pipeline().ExecuteAsync(
            async stop =>
            {
                using var response = await StartAsync(request, HttpCompletionOption.ResponseContentRead, stop);
                try
                {
                    return await response.Content.ReadFromJsonAsync(type, stop)
                        ?? throw new InvalidDataException("The response is null.");
                }
                catch (Exception error)
                    when (error is JsonException or NotSupportedException or InvalidOperationException)
                {
                    throw new InvalidDataException($"The response is no {typeof(T).Name}.", error);
                }
            },
            cancel);

    private async Task<HttpResponseMessage> StartAsync(
        Func<HttpRequestMessage> create, HttpCompletionOption completion, CancellationToken cancel)
    {
        using var request = create();
        var response = await http.SendAsync(request, completion, cancel);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new RecognitionException(
                response.StatusCode, await ProblemAsync(response, cancel), WaitOf(response.Headers));
        }
    }

    /// <summary>Returns the time in <c>Retry-After</c>, in seconds or as a date.</summary>
    private static TimeSpan? WaitOf(HttpResponseHeaders headers)
    {
        // The date is relative to the server's clock.
        var now = headers.Date ?? DateTimeOffset.UtcNow;
        var wait = headers.RetryAfter?.Delta ?? (headers.RetryAfter?.Date - now);
        return wait > TimeSpan.Zero ? wait : null;
    }

    private static async Task<Problem?> ProblemAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(ClientJson.Default.Problem, cancel);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }
}
