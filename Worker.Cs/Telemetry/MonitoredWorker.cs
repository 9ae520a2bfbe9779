using Worker.Inference;
using Worker.Sockets;

namespace Worker.Telemetry;

/// <summary>The parts of a worker that its gauges read.</summary>
/// <param name="Recognizer">The executors and models.</param>
/// <param name="IsReady">Whether a recognition has succeeded lately.</param>
/// <param name="RedisIsUp">Whether Redis takes the announcements; null if the worker does not announce itself.</param>
/// <param name="Tls">The certificates; null without TLS.</param>
internal sealed record MonitoredWorker(
    Recognizer Recognizer, Func<bool> IsReady, Func<bool>? RedisIsUp, WorkerTls? Tls);
