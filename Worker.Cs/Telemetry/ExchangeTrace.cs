using System.Diagnostics;
using Protocol.Core;

namespace Worker.Telemetry;

/// <summary>
/// One exchange as a span below its client's, with a span for each of its parts. Where nobody exports spans it is there
/// all the same, so that the log's lines carry the client's trace.
/// </summary>
internal sealed class ExchangeTrace
{
    /// <summary>Of every span of the worker.</summary>
    public const string SourceName = "Recognition.Worker";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Activity activity;

    private ExchangeTrace(Activity activity) => this.activity = activity;

    /// <summary>
    /// An exchange whose picture is here, <paramref name="elapsed"/> after its first byte. Null where its client sent no
    /// <paramref name="traceparent"/>.
    /// </summary>
    public static ExchangeTrace? Begin(string? traceparent, TimeSpan elapsed)
    {
        if (!ActivityContext.TryParse(traceparent, null, isRemote: true, out var parent))
        {
            return null;
        }

        var begun = DateTimeOffset.UtcNow - elapsed;
        var activity = Source.StartActivity("exchange", ActivityKind.Server, parent, startTime: begun)
            ?? new Activity("exchange").SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags).Start();
        var trace = new ExchangeTrace(activity);
        trace.Part("receive", begun, elapsed);
        return trace;
    }

    /// <summary>The network's stages, one after the other, of which the last ended now.</summary>
    public void Recognized(StageTime[] times)
    {
        var begun = DateTimeOffset.UtcNow - TimeSpan.FromMilliseconds(times.Sum(time => time.Milliseconds));
        foreach (var time in times)
        {
            var took = TimeSpan.FromMilliseconds(time.Milliseconds);
            Part(time.Stage, begun, took);
            begun += took;
        }
    }

    /// <summary>What is logged from here to <see cref="End"/> belongs to it.</summary>
    public void Enter() => Activity.Current = activity;

    /// <summary>The last word; <paramref name="error"/> where it went wrong.</summary>
    public void End(string outcome, string? error)
    {
        activity.SetTag("recognition.outcome", outcome);
        if (error is not null)
        {
            activity.SetStatus(ActivityStatusCode.Error, error).SetTag("error.type", outcome);
        }

        activity.Stop();
    }

    private void Part(string name, DateTimeOffset begun, TimeSpan took)
    {
        using var part = Source.StartActivity(name, ActivityKind.Internal, activity.Context, startTime: begun);
        part?.SetEndTime((begun + took).UtcDateTime);
    }
}
