using Microsoft.AspNetCore.Connections;
using Node.Hosting;
using Worker.Inference;
using Worker.Telemetry;

namespace Worker.Sockets;

/// <summary>Handles Kestrel's connections and logs one line for each exchange.</summary>
internal sealed class ExchangeHandler(
    Recognizer recognizer,
    ExchangeOptions options,
    ByteBudget budget,
    TimeProvider clock,
    ILogger<ExchangeHandler> logger)
    : ConnectionHandler
{
    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        using var peer = new PeerConnection(connection, options, clock, budget);
        var exchange = new Exchange(peer, recognizer, options.Limits);
        // Format the address once for all log lines.
        var address = connection.RemoteEndPoint?.ToString();
        Report(connection, address, peer, exchange, await exchange.RunAsync());
        while (!exchange.IsOver)
        {
            Report(connection, address, peer, exchange, await exchange.RunNextAsync());
        }
    }

    private void Report(
        ConnectionContext connection, string? address, PeerConnection peer, Exchange exchange, ExchangeEnd end)
    {
        exchange.Spans?.Enter();
        Log(address, peer, exchange, end);
        var (outcome, error) = end switch
        {
            ExchangeEnd.Answered => ("answered", null),
            ExchangeEnd.ImageRefused => ("image_refused", null),
            ExchangeEnd.Failed { Failure: var failure } => ("failed", failure.ToString()),
            ExchangeEnd.Faulted { Exception: var exception } => ("broken", exception.GetType().Name),
            _ => ("unused", null),
        };
        exchange.Spans?.End(outcome, error);
        if (end is not ExchangeEnd.Unused)
        {
            WorkerMetrics.Ended(outcome, peer.Timer.Elapsed, exchange.Attempts);
        }

        if (error is not null)
        {
            connection.Abort();
        }
    }

    private void Log(string? address, PeerConnection peer, Exchange exchange, ExchangeEnd end)
    {
        var milliseconds = peer.Timer.Elapsed.TotalMilliseconds;
        switch (end)
        {
            case ExchangeEnd.Answered when exchange.Trace is { } trace:
                SocketLog.FinishedTraced(logger, address, peer.Received, exchange.Attempts, milliseconds, trace);
                break;
            case ExchangeEnd.Answered:
                SocketLog.Finished(logger, address, peer.Received, exchange.Attempts, milliseconds);
                break;
            case ExchangeEnd.ImageRefused { Refusal: var refusal }:
                SocketLog.ImageRefused(logger, address, peer.Received, refusal.Reason, refusal.Detail, milliseconds);
                break;
            case ExchangeEnd.Failed when peer.IsEvicted:
                SocketLog.Evicted(logger, address, peer.Received, milliseconds);
                break;
            case ExchangeEnd.Failed { Failure: var failure }:
                SocketLog.Failed(logger, address, peer.Received, exchange.Attempts, failure.ToString(), milliseconds);
                break;
            case ExchangeEnd.Faulted { Exception: var exception }:
                SocketLog.RecognitionFailed(logger, exception, address);
                break;
            case ExchangeEnd.Unused:
                break;
        }
    }
}
