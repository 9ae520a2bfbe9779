using System.Net;
using System.Net.Http.Headers;
using Recognition.Client;
using Recognize.Settings;

namespace Recognize.Classifiers;

/// <summary>Classifies pictures through a server's <c>POST /api/classify</c>.</summary>
internal sealed class ServerClassifier : IClassifier
{
    private static readonly Retries Retries = new();

    private readonly HttpClient http;
    private readonly RecognitionClient client;
    private readonly ClassifyOptions options;
    private readonly Uri server;

    /// <summary>Creates a client for <see cref="Request.Server"/>, which is not null.</summary>
    public ServerClassifier(Request request)
    {
        server = request.Server!;
        options = new ClassifyOptions { Top = request.Top, Explain = request.Explain, Model = request.Model };
        http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10) })
        {
            BaseAddress = server,
            Timeout = TimeSpan.FromSeconds(90),
        };
        if (request.Key is { Length: > 0 } key)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        client = new RecognitionClient(http, Retries);
    }

    /// <inheritdoc/>
    public async Task<ClassificationResult> ClassifyAsync(
        ReadOnlyMemory<byte> picture, string mediaType, CancellationToken cancel)
    {
        try
        {
            var answer = await client.ClassifyAsync(picture, options, cancel);
            return new ClassificationResult.Succeeded(answer, picture);
        }
        catch (RecognitionException e)
        {
            return Refused(e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            return Stop($"No server answers at {server}: {e.GetBaseException().Message}. ./run starts one; without "
                + "--server the model runs on this machine.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return Stop($"The connection to {server} was lost: {e.GetBaseException().Message}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Stop($"{server} did not respond within {http.Timeout.TotalSeconds:0} s.");
        }
        catch (InvalidDataException)
        {
            return Unexpected("something other than a classification");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private ClassificationResult Refused(RecognitionException error)
    {
        var status = (int)error.Status;
        var message = error.Message;
        var later = error.RetryAfter is { } wait && wait > Retries.LongestWait
            ? $" Try again in {wait.TotalMinutes:0} minutes."
            : "";
        return error.Status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Stop(
                $"{server} requires a valid key: set it with --key, or in {CommandLine.KeyVariable}."),
            HttpStatusCode.NotFound when options.Model is not null && error.Problem?.Detail is not null =>
                Stop($"{server} answered: {message}"),
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => Unexpected(message),
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway =>
                Stop($"{server} answered: {message}{later}"),
            HttpStatusCode.GatewayTimeout => new ClassificationResult.Refused($"is not classified: {message}"),
            _ when status is >= 400 and < 500 => new ClassificationResult.Refused($"is refused: {message}"),
            _ => Stop($"{server} answers {status}: {message}"),
        };
    }

    private ClassificationResult.Stopped Unexpected(string message) =>
        Stop($"{server} is not a recognition service: it answered {message}. Set --server to the address of the service's page.");

    private static ClassificationResult.Stopped Stop(string reason) => new(reason);
}
