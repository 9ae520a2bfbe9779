using System.Net;

namespace Recognition.Client;

/// <summary>The server refused a request. The message states the reason and what to do.</summary>
/// <param name="status">The response's status.</param>
/// <param name="problem">The server's problem; null if it sent none.</param>
/// <param name="retryAfter">The time until a retry; null if the server names none.</param>
public sealed class RecognitionException(HttpStatusCode status, Problem? problem, TimeSpan? retryAfter)
    : Exception(problem?.Detail ?? problem?.Title ?? $"{(int)status} {status}")
{
    /// <summary>The response's status.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>The server's problem; null if it sent none.</summary>
    public Problem? Problem { get; } = problem;

    /// <summary>The time until a retry; null if the server names none.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsTransient => Status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
        or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
