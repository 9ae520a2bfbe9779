using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Recognize.Settings;

namespace Recognize.Classification;

/// <summary>Classifies pictures through a server's <c>POST /api/classify</c>.</summary>
internal sealed class ServerClassifier : IClassifier
{
    /// <summary>Attempts for one picture if the server sends no <c>Retry-After</c>.</summary>
    private const int Tries = 4;

    /// <summary>The most time to wait for one picture, over all pauses.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);

    private readonly HttpClient http;
    private readonly Uri server;
    private readonly string path;
    private readonly bool namesModel;

    /// <summary>Creates a client for <see cref="Request.Server"/>, which is not null.</summary>
    public ServerClassifier(Request request)
    {
        server = request.Server!;
        path = string.Create(CultureInfo.InvariantCulture, $"api/classify?top={request.Top}")
            + (request.Explain ? "&explain=true" : "")
            + (request.Model is { } model ? $"&model={Uri.EscapeDataString(model)}" : "");
        namesModel = request.Model is not null;
        http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10) })
        {
            BaseAddress = server,
            Timeout = TimeSpan.FromSeconds(90),
        };
        if (request.Key is { Length: > 0 } key)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <inheritdoc/>
    public async Task<ClassificationResult> NameAsync(
        ReadOnlyMemory<byte> picture, string mediaType, CancellationToken cancel)
    {
        var (waited, pauses) = (TimeSpan.Zero, 0);
        while (true)
        {
            var (result, wait) = await TryAsync(picture, mediaType, cancel);
            if (wait is not { } pause || (pause == TimeSpan.Zero && ++pauses == Tries))
            {
                return result;
            }

            if (pause == TimeSpan.Zero)
            {
                pause = FirstPause * Math.Pow(2, pauses - 1);
            }

            waited += pause;
            if (waited > LongestWait)
            {
                return result;
            }

            await Task.Delay(pause, cancel);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    /// <summary>Makes one attempt. If a retry is useful, returns the delay; zero if the server gives none.</summary>
    private async Task<(ClassificationResult Result, TimeSpan? Wait)> TryAsync(
        ReadOnlyMemory<byte> picture, string mediaType, CancellationToken cancel)
    {
        try
        {
            using var body = new ReadOnlyMemoryContent(picture);
            body.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
            using var answer = await http.PostAsync(path, body, cancel);
            return answer.IsSuccessStatusCode
                ? (Succeeded(await answer.Content.ReadFromJsonAsync(AnswerJson.Default.Answer, cancel), picture), null)
                : await RefusedAsync(answer, cancel);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            return (Stop($"No server answers at {server}: {e.GetBaseException().Message}. ./run starts one; without "
                + "--server the pictures are named here."), null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (Stop($"{server} broke off: {e.GetBaseException().Message}"), TimeSpan.Zero);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (Stop($"{server} said nothing for {http.Timeout.TotalSeconds:0} s."), null);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            return (Unexpected("something else than a recognition"), null);
        }
    }

    private ClassificationResult Succeeded(Answer? answer, ReadOnlyMemory<byte> picture) =>
        answer is null ? Unexpected("null") : new ClassificationResult.Succeeded(answer, picture);

    private async Task<(ClassificationResult Result, TimeSpan? Wait)> RefusedAsync(
        HttpResponseMessage answer, CancellationToken cancel)
    {
        var status = (int)answer.StatusCode;
        var problem = await ProblemAsync(answer, cancel);
        var said = problem?.Detail ?? problem?.Title ?? $"{status} {answer.ReasonPhrase}";
        var wait = WaitOf(answer.Headers);
        var later = wait > LongestWait ? $" It asks to come back in {wait.TotalMinutes:0} minutes." : "";
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => (Stop(
                $"{server} wants a key, and a right one: give it with --key, or in {CommandLine.KeyVariable}."), null),
            HttpStatusCode.NotFound when namesModel && problem?.Detail is not null =>
                (Stop($"{server} says: {said}"), null),
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => (Unexpected(said), null),
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway =>
                (Stop($"{server} says: {said}{later}"), wait),
            HttpStatusCode.GatewayTimeout => (new ClassificationResult.Refused($"is not classified: {said}"), wait),
            _ when status is >= 400 and < 500 => (new ClassificationResult.Refused($"is refused: {said}"), null),
            _ => (Stop($"{server} answers {status}: {said}"), null),
        };
    }

    /// <summary>Returns the delay in <c>Retry-After</c>, in seconds or as a date; zero if there is none.</summary>
    private static TimeSpan WaitOf(HttpResponseHeaders headers)
    {
        // The date is relative to the server's clock.
        var now = headers.Date ?? DateTimeOffset.UtcNow;
        var wait = headers.RetryAfter?.Delta ?? (headers.RetryAfter?.Date - now) ?? TimeSpan.Zero;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private static async Task<Problem?> ProblemAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(AnswerJson.Default.Problem, cancel);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }

    private ClassificationResult.Stopped Unexpected(string said) =>
        Stop($"{server} is no recognition service, it answers {said}: --server takes the address of its page.");

    private static ClassificationResult.Stopped Stop(string reason) => new(reason);
}
