using Polly;
using Polly.Retry;

namespace Recognition.Client;

/// <summary>When a request is sent again: after the time that the server names, or after pauses that double.</summary>
public sealed record Retries
{
    /// <summary>Sends every request once.</summary>
    public static readonly Retries None = new() { Attempts = 1, LongestWait = TimeSpan.Zero };

    /// <summary>
    /// Attempts if the server names no time; pauses that it names count only against <see cref="LongestWait"/>.
    /// </summary>
    public int Attempts { get; init; } = 4;

    /// <summary>The first pause if the server names no time.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The most time to wait for one answer, over all pauses.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Creates the pipeline of one request, since it counts.</summary>
    internal ResiliencePipeline Pipeline()
    {
        var (waited, pauses) = (TimeSpan.Zero, 0);
        TimeSpan? next = null;
        return new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = outcome =>
                {
                    next = outcome.Outcome.Exception switch
                    {
                        RecognitionException { IsTransient: true, RetryAfter: { } wait } => wait,
                        RecognitionException { IsTransient: true } or IOException => Pause(),
                        HttpRequestException error when !IsUnreachable(error) => Pause(),
                        _ => null,
                    };
                    waited += next ?? TimeSpan.Zero;
                    return ValueTask.FromResult(next is not null && waited <= LongestWait);
                },
                DelayGenerator = _ => ValueTask.FromResult(next),
            })
            .Build();

        static bool IsUnreachable(HttpRequestException error) => error.HttpRequestError
            is HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError;

        TimeSpan? Pause() => ++pauses < Attempts ? this.Pause(pauses) : null;
    }

    /// <summary>The pause before an attempt again, the first, second and so on.</summary>
    internal TimeSpan Pause(int number) => FirstPause * Math.Pow(2, number - 1);
}
