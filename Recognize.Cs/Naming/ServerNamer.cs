using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Recognize.Settings;
using Worker.Imaging;

namespace Recognize.Naming;

/// <summary>A recognition service's <c>POST /api/classify</c>.</summary>
internal sealed class ServerNamer : INamer
{
    private const int Tries = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly HttpClient http;
    private readonly Uri server;
    private readonly string path;

    /// <summary>For <see cref="Request.Server"/>, which is not null.</summary>
    public ServerNamer(Request request)
    {
        server = request.Server!;
        path = string.Create(CultureInfo.InvariantCulture, $"api/classify?top={request.Top}")
            + (request.Explain ? "&explain=true" : "");
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
    public async Task<NamingResult> NameAsync(
        ReadOnlyMemory<byte> picture, ImageFormat format, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (result, wait) = await TryAsync(picture, format, cancel);
            if (wait is not { } asked || attempt == Tries)
            {
                return result;
            }

            var pause = asked > TimeSpan.Zero ? asked : FirstPause * Math.Pow(2, attempt - 1);
            await Task.Delay(pause < LongestPause ? pause : LongestPause, cancel);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    /// <summary>An answer; and where it is worth asking again, after how long: zero where the server does not say.</summary>
    private async Task<(NamingResult Result, TimeSpan? Wait)> TryAsync(
        ReadOnlyMemory<byte> picture, ImageFormat format, CancellationToken cancel)
    {
        try
        {
            using var body = new ReadOnlyMemoryContent(picture);
            body.Headers.ContentType = new MediaTypeHeaderValue($"image/{format.ToString().ToLowerInvariant()}");
            using var answer = await http.PostAsync(path, body, cancel);
            return answer.IsSuccessStatusCode
                ? (Named(await answer.Content.ReadFromJsonAsync(AnswerJson.Default.Answer, cancel), picture), null)
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
            return (Stranger("something else than a recognition"), null);
        }
    }

    private NamingResult Named(Answer? answer, ReadOnlyMemory<byte> picture) =>
        answer is null ? Stranger("null") : new NamingResult.Named(answer, picture);

    private async Task<(NamingResult Result, TimeSpan? Wait)> RefusedAsync(
        HttpResponseMessage answer, CancellationToken cancel)
    {
        var status = (int)answer.StatusCode;
        var problem = await ProblemAsync(answer, cancel);
        var said = problem?.Detail ?? problem?.Title ?? $"{status} {answer.ReasonPhrase}";
        var wait = answer.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => (Stop(
                $"{server} wants a key, and a right one: give it with --key, or in {CommandLine.KeyVariable}."), null),
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => (Stranger(said), null),
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway =>
                (Stop($"{server} says: {said}"), wait),
            HttpStatusCode.GatewayTimeout => (new NamingResult.Refused($"is not named: {said}"), wait),
            _ when status is >= 400 and < 500 => (new NamingResult.Refused($"is refused: {said}"), null),
            _ => (Stop($"{server} answers {status}: {said}"), null),
        };
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

    private NamingResult.Stopped Stranger(string said) =>
        Stop($"{server} is no recognition service, it answers {said}: --server takes the address of its page.");

    private static NamingResult.Stopped Stop(string reason) => new(reason);
}
