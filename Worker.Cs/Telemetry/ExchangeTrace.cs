using System.Diagnostics;
using Protocol.Core;

namespace Worker.Telemetry;

/// <summary>
/// The span of one exchange, a child of its client's, with a child span for each stage. It exists even without an
/// exporter, so that the log lines carry the client's trace.
/// </summary>
internal sealed class ExchangeTrace
{
    /// <summary>The source of the worker's spans.</summary>
    public const string SourceName = "Recognition.Worker";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Activity activity;

    private ExchangeTrace(Activity activity) => this.activity = activity;

    /// <summary>
    /// Starts the span of an exchange whose image has arrived, <paramref name="elapsed"/> after its first byte. Returns
    /// null if its client sent no <paramref name="traceparent"/>.
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

    /// <summary>Adds a span for each consecutive stage of the recognition; the last one ended now.</summary>
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

    /// <summary>Makes this span current: log lines until <see cref="End"/> belong to it.</summary>
    public void Enter() => Activity.Current = activity;

    /// <summary>Ends the span; <paramref name="error"/> is null on success.</summary>
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
