using System.Diagnostics.Metrics;
using Node.Hosting;
using Protocol.Core;
using Worker.Inference;
using Worker.Sockets;

namespace Worker.Telemetry;

/// <summary>
/// The worker's metrics, by OpenTelemetry's conventions; <c>docs/operations.md</c> lists them. Nothing is counted
/// without a listener, and counting allocates nothing.
/// </summary>
internal static class WorkerMetrics
{
    /// <summary>The meter of the worker's instruments.</summary>
    public const string MeterName = "Recognition.Worker";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Histogram buckets in seconds, from a small image's time to the longest exchange.</summary>
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries =
        [
            .001, .002, .005, .01, .015, .02, .03, .05, .075, .1, .15, .2, .25, .3, .4, .5, .75,
            1, 1.5, 2, 3, 5, 7.5, 10,
        ],
    };

    private static readonly Counter<long> Exchanges = Meter.CreateCounter<long>(
        "recognition.worker.exchanges", "{exchange}", "Exchanges with clients, by outcome.");

    private static readonly Histogram<double> ExchangeTime = Meter.CreateHistogram(
        "recognition.worker.exchange.duration",
        "s",
        "Duration of an exchange from its first byte to its last, by outcome.",
        [],
        Seconds);

    private static readonly Histogram<double> StageTime = Meter.CreateHistogram(
        "recognition.worker.stage.duration",
        "s",
        "Duration of an exchange's stages: transfer (receiving the picture), queue (the wait for an executor), decode and inference.",
        [],
        Seconds);

    private static readonly Counter<long> Traffic = Meter.CreateCounter<long>(
        "recognition.worker.io", "By", "Bytes to (transmit) and from (receive) clients.");

    private static readonly Counter<long> Repeats = Meter.CreateCounter<long>(
        "recognition.worker.retransmissions", "{message}", "Messages sent again, by either side.");

    private static readonly UpDownCounter<long> Running = Meter.CreateUpDownCounter<long>(
        "recognition.worker.in_flight", "{picture}", "Pictures that wait or are being recognized.");

    private static readonly KeyValuePair<string, object?> Transmit = new("network.io.direction", "transmit");
    private static readonly KeyValuePair<string, object?> Receive = new("network.io.direction", "receive");
    private static readonly KeyValuePair<string, object?> Transfer = new("stage", "transfer");

    public static void Sent(long bytes) => Traffic.Add(bytes, Transmit);

    public static void Received(long bytes) => Traffic.Add(bytes, Receive);

    public static void Begun() => Running.Add(1);

    public static void Done() => Running.Add(-1);

    /// <summary>Records that the image arrived, <paramref name="elapsed"/> after its exchange's first byte.</summary>
    public static void Transferred(TimeSpan elapsed) => StageTime.Record(elapsed.TotalSeconds, Transfer);

    public static void Recognized(Recognition recognition)
    {
        var model = new KeyValuePair<string, object?>("model", recognition.Model);
        foreach (var time in recognition.Times)
        {
            StageTime.Record(time.Milliseconds / 1000, new KeyValuePair<string, object?>("stage", time.Stage), model);
        }
    }

    /// <summary>
    /// Records the end of an exchange. <paramref name="outcome"/>: answered, image_refused, failed or broken.
    /// </summary>
    public static void Ended(string outcome, TimeSpan elapsed, int attempts)
    {
        var tag = new KeyValuePair<string, object?>("outcome", outcome);
        Exchanges.Add(1, tag);
        ExchangeTime.Record(elapsed.TotalSeconds, tag);
        if (attempts > 1)
        {
            Repeats.Add(attempts - 1);
        }
    }

    /// <summary>Registers the observable instruments, until the returned meter is disposed.</summary>
    public static Meter Watch(MonitoredWorker worker)
    {
        // Create the series at 0, so that the first increment is visible.
        foreach (var outcome in (string[])["answered", "image_refused", "failed", "broken"])
        {
            Exchanges.Add(0, new KeyValuePair<string, object?>("outcome", outcome));
        }

        Repeats.Add(0);
        var meter = new Meter(MeterName);
        var recognizer = worker.Recognizer;
        meter.CreateObservableGauge(
            "recognition.worker.build.info",
            () => new Measurement<long>(
                1,
                new KeyValuePair<string, object?>("version", BuildInfo.Current.Version),
                new KeyValuePair<string, object?>("commit", BuildInfo.Current.Commit)),
            null,
            "1, with the version and the commit that run.");
        meter.CreateObservableUpDownCounter(
            "recognition.worker.queue.length",
            () => (long)recognizer.Waiting,
            "{picture}",
            "Pictures that wait for an executor.");
        meter.CreateObservableUpDownCounter(
            "recognition.worker.executors",
            () => (long)recognizer.Executors,
            "{executor}",
            "Executors: pictures that can be recognized at once.");
        meter.CreateObservableUpDownCounter(
            "recognition.worker.executors.busy",
            () => (long)recognizer.BusyExecutors,
            "{executor}",
            "Executors that are busy with a picture.");
        meter.CreateObservableCounter(
            "recognition.worker.executors.busy.time",
            () => recognizer.BusyTime.TotalSeconds,
            "s",
            "Time that executors were busy, over all of them: its rate over their number is the utilization.");
        meter.CreateObservableGauge(
            "recognition.worker.ready",
            () => worker.IsReady() ? 1L : 0L,
            "1",
            "1 while a recognition has succeeded within the last interval, else 0.");
        meter.CreateObservableGauge(
            "recognition.worker.model.ready",
            () => recognizer.Models.Describe(null).Models.Select(model => new Measurement<long>(
                model.State.IsReady && model.Error == "" ? 1L : 0L,
                new KeyValuePair<string, object?>("model", model.Id),
                new KeyValuePair<string, object?>("version", model.Version))),
            "1",
            "1 while this version of a model is in service and current, "
                + "0 while it, or its next version, can't be loaded.");
        if (worker.RedisIsUp is { } isUp)
        {
            meter.CreateObservableGauge(
                "recognition.worker.redis.up",
                () => isUp() ? 1L : 0L,
                null,
                "1 while Redis takes the worker's announcements, else 0.");
        }

        if (worker.Tls is { } tls)
        {
            meter.CreateObservableGauge(
                "recognition.worker.certificate.expiry.timestamp",
                () => tls.Expiries.Select(one => new Measurement<double>(
                    one.Expiry.ToUnixTimeSeconds(), new KeyValuePair<string, object?>("certificate", one.Certificate))),
                "s",
                "When the worker's certificate, or the first of its clients' authorities, expires: "
                    + "seconds since 1970.");
        }

        return meter;
    }
}
