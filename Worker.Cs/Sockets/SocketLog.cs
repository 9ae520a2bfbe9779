using System.Net;
using Worker.Imaging;

namespace Worker.Sockets;

internal static partial class SocketLog
{
    [LoggerMessage(
        201,
        LogLevel.Information,
        "Worker ready on {Address}: model {Model}, {Cores} executors, {Milliseconds} ms after its start")]
    public static partial void Ready(ILogger logger, string address, string model, int cores, long milliseconds);

    [LoggerMessage(
        202,
        LogLevel.Information,
        "Exchange finished: {Peer}, {Bytes} bytes, {Attempts} attempts, {Milliseconds:0.0} ms")]
    public static partial void Finished(
        ILogger logger, string? peer, long bytes, int attempts, double milliseconds);

    [LoggerMessage(
        203,
        LogLevel.Information,
        "Image refused: {Peer}, {Bytes} bytes, {Reason}, {Detail}, {Milliseconds:0.0} ms")]
    public static partial void ImageRefused(
        ILogger logger, string? peer, long bytes, RefusalReason reason, string detail, double milliseconds);

    [LoggerMessage(
        204,
        LogLevel.Warning,
        "Exchange failed: {Peer}, {Bytes} bytes, {Attempts} attempts, {Failure}, {Milliseconds:0.0} ms")]
    public static partial void Failed(
        ILogger logger, string? peer, long bytes, int attempts, string failure, double milliseconds);

    [LoggerMessage(
        208,
        LogLevel.Warning,
        "Connection closed: {Peer} was evicted as the slowest to free memory (--max-buffered); "
        + "{Bytes} bytes, {Milliseconds:0.0} ms")]
    public static partial void Evicted(ILogger logger, string? peer, long bytes, double milliseconds);

    [LoggerMessage(205, LogLevel.Error, "Recognition failed: {Peer}")]
    public static partial void RecognitionFailed(ILogger logger, Exception e, string? peer);

    [LoggerMessage(206, LogLevel.Information, "Worker stopping: no new connections, running exchanges finish")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(
        209,
        LogLevel.Critical,
        "Executor overran: busy with one image for {Seconds:0.0} s, limit {Limit:0.0} s; "
        + "the worker finishes the other executors' images and exits with code 70")]
    public static partial void ExecutorOverrun(ILogger logger, double seconds, double limit);

    [LoggerMessage(
        207,
        LogLevel.Information,
        "Exchange finished: {Peer}, {Bytes} bytes, {Attempts} attempts, {Milliseconds:0.0} ms, trace {Trace}")]
    public static partial void FinishedTraced(
        ILogger logger, string? peer, long bytes, int attempts, double milliseconds, string trace);

    [LoggerMessage(
        211,
        LogLevel.Information,
        "TLS: certificate {Subject}, valid until {Expiry:yyyy-MM-dd'T'HH:mm:ss'Z'}; clients need {Clients}")]
    public static partial void TlsReady(ILogger logger, string subject, DateTime expiry, string clients);

    [LoggerMessage(
        212,
        LogLevel.Information,
        "TLS: {Path} has changed and is in use; the certificate is valid until {Expiry:yyyy-MM-dd'T'HH:mm:ss'Z'}")]
    public static partial void TlsRenewed(ILogger logger, string path, DateTime expiry);

    [LoggerMessage(
        213,
        LogLevel.Warning,
        "TLS: {Path} has changed and can't be used; the previous one stays in use: {Reason}")]
    public static partial void TlsNotRenewed(ILogger logger, string path, string reason);

    [LoggerMessage(214, LogLevel.Warning, "TLS handshake failed: {Peer}, {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, EndPoint? peer, string reason);
}
