using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Recognition.Client;

/// <summary>
/// Classifies pictures through a web node; safe for concurrent calls. Server errors throw a
/// <see cref="RecognitionException"/>, connection errors an <see cref="HttpRequestException"/>. A response that is not
/// from a web node throws an <see cref="InvalidDataException"/>.
/// </summary>
/// <param name="http">A client whose <see cref="HttpClient.BaseAddress"/> is the address of the node's page.</param>
/// <param name="retries">The retry policy.</param>
public sealed class RecognitionClient(HttpClient http, Retries? retries = null)
{
    private readonly Retries retries = retries ?? new Retries();

    /// <summary>Classifies a picture: a whole file, such as a JPEG or PNG.</summary>
    public Task<Classification> ClassifyAsync(
        ReadOnlyMemory<byte> picture, ClassifyOptions? options = null, CancellationToken cancel = default) =>
        SendAsync(
            () =>
            {
                var body = new ReadOnlyMemoryContent(picture);
                body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                var address = Address("api/classify" + options?.Query());
                return new HttpRequestMessage(HttpMethod.Post, address) { Content = body };
            },
            ClientJson.Default.Classification,
            cancel);

    /// <summary>
    /// Classifies pictures, several of them in one request. Returns each result as soon as it is ready, in any order. A
    /// picture that the server has no time for is sent again, and so are those without a result when the connection
    /// breaks. A server that takes fewer pictures in one request gets fewer.
    /// </summary>
    public async IAsyncEnumerable<PictureResult> ClassifyBatchAsync(
        IEnumerable<PictureFile> pictures,
        ClassifyOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var batches = new PictureBatches(pictures);
        var breaks = 0;
        while (batches.Next() is { Length: > 0 } batch)
        {
            var (results, failure) = await StartAsync(batch, options, cancel).ConfigureAwait(false);
            using (results)
            {
                while (results is not null
                    && await results.NextAsync(cancel).ConfigureAwait(false) is var (picture, line))
                {
                    yield return line.Status is 429 or 503
                        ? await AgainAsync(picture, options, cancel).ConfigureAwait(false)
                        : new PictureResult(picture, line.Answer, line.Problem);
                }
            }

            PictureFile[] unanswered = [.. results?.Unanswered ?? batch];
            switch (failure ?? results?.Failure)
            {
                case null:
                    break;
                case RecognitionException { Status: HttpStatusCode.RequestEntityTooLarge } one when batch.Length == 1:
                    yield return new PictureResult(batch[0], null, one.Problem ?? new Problem(one.Message, null));
                    break;
                case RecognitionException many when IsTooMuch(many) && batch.Length > 1:
                    batches.Limit(batch.Length / 2);
                    batches.Return(unanswered);
                    break;
                case IOException when ++breaks < retries.Attempts:
                    await Task.Delay(retries.Pause(breaks), cancel).ConfigureAwait(false);
                    batches.Return(unanswered);
                    break;
                case IOException broken:
                    throw new HttpRequestException(HttpRequestError.ResponseEnded, broken.Message, broken);
                case var other:
                    throw other;
            }
        }
    }

    /// <summary>Returns the models that the server's workers serve.</summary>
    public async Task<IReadOnlyList<Model>> GetModelsAsync(CancellationToken cancel = default) =>
        (await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Address("api/models")),
            ClientJson.Default.ModelList,
            cancel).ConfigureAwait(false)).Models;

    /// <summary>Returns the names of a model's classes, by their numbers.</summary>
    public async Task<IReadOnlyList<string>> GetLabelsAsync(string model, CancellationToken cancel = default) =>
        (await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Address($"api/models/{Uri.EscapeDataString(model)}/labels")),
            ClientJson.Default.LabelList,
            cancel).ConfigureAwait(false)).Labels;

    /// <summary>
    /// Sends a batch. Returns its results, or why the server refuses it if it may accept fewer pictures in one request.
    /// </summary>
    private async Task<(BatchResults? Results, RecognitionException? Failure)> StartAsync(
        PictureFile[] batch, ClassifyOptions? options, CancellationToken cancel)
    {
        try
        {
            var response = await retries.Pipeline().ExecuteAsync(
                async stop => await StartAsync(
                    () => Form(batch, options), HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false),
                cancel).ConfigureAwait(false);
            return (new BatchResults(batch, response), null);
        }
        catch (RecognitionException refused) when (IsTooMuch(refused))
        {
            return (null, refused);
        }
    }

    /// <summary>Whether the server refuses a request for its bytes or its number of pictures.</summary>
    private static bool IsTooMuch(RecognitionException refused) =>
        refused is { Status: HttpStatusCode.RequestEntityTooLarge } or { Problem.Code: "too-many-files" };

    private HttpRequestMessage Form(PictureFile[] batch, ClassifyOptions? options)
    {
        var form = new MultipartFormDataContent();
        foreach (var (index, picture) in batch.Index())
        {
            // Results come by index, and not every file name can be in a header.
            form.Add(new ReadOnlyMemoryContent(picture.Content), "files", $"{index}");
        }

        return new HttpRequestMessage(HttpMethod.Post, Address("api/classify/batch" + options?.Query()))
        {
            Content = form,
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/x-ndjson") } },
        };
    }

    /// <summary>Returns an address below that of the page, which may lack its final slash.</summary>
    private Uri Address(string path)
    {
        var page = http.BaseAddress?.AbsoluteUri
            ?? throw new InvalidOperationException("Set the HttpClient's BaseAddress to the address of the node's page.");
        return new Uri(page.EndsWith('/') ? page + path : $"{page}/{path}");
    }

    private async Task<PictureResult> AgainAsync(
        PictureFile picture, ClassifyOptions? options, CancellationToken cancel)
    {
        try
        {
            var answer = await ClassifyAsync(picture.Content, options, cancel).ConfigureAwait(false);
            return new PictureResult(picture, answer, null);
        }
        catch (RecognitionException error)
        {
            return new PictureResult(picture, null, error.Problem ?? new Problem(error.Message, null));
        }
    }

    private async Task<T> SendAsync<T>(
        Func<HttpRequestMessage> request, JsonTypeInfo<T> type, CancellationToken cancel) =>
        await retries.Pipeline().ExecuteAsync(
            async stop =>
            {
                using var response = await StartAsync(request, HttpCompletionOption.ResponseContentRead, stop)
                    .ConfigureAwait(false);
                try
                {
                    return await response.Content.ReadFromJsonAsync(type, stop).ConfigureAwait(false)
                        ?? throw new InvalidDataException("The response is null.");
                }
                catch (Exception error)
                    when (error is JsonException or NotSupportedException or InvalidOperationException)
                {
                    throw new InvalidDataException($"The response is not a {typeof(T).Name}.", error);
                }
            },
            cancel).ConfigureAwait(false);

    private async Task<HttpResponseMessage> StartAsync(
        Func<HttpRequestMessage> create, HttpCompletionOption completion, CancellationToken cancel)
    {
        using var request = create();
        var response = await http.SendAsync(request, completion, cancel).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var problem = await ProblemAsync(response, cancel).ConfigureAwait(false);
            throw new RecognitionException(response.StatusCode, problem, WaitOf(response.Headers));
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
            return await response.Content.ReadFromJsonAsync(ClientJson.Default.Problem, cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }
}
