using Microsoft.AspNetCore.Connections;
using Worker.Inference;

namespace Worker.Sockets;

/// <summary>
/// Kestrel's end of the worker: an exchange for each connection, and a line in the log for each exchange.
/// </summary>
internal sealed class ExchangeHandler(
    Recognizer recognizer, ExchangeOptions options, TimeProvider clock, ILogger<ExchangeHandler> logger)
    : ConnectionHandler
{
    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        using var peer = new PeerConnection(connection, options, clock);
        var exchange = new Exchange(peer, recognizer, options.Limits);
        var end = await exchange.RunAsync();
        var milliseconds = peer.Elapsed.TotalMilliseconds;
        var address = connection.RemoteEndPoint;
        switch (end)
        {
            case ExchangeEnd.Answered:
                SocketLog.Finished(logger, address, peer.Received, exchange.Attempts, milliseconds);
                break;
            case ExchangeEnd.ImageRefused { Refusal: var refusal }:
                SocketLog.ImageRefused(logger, address, peer.Received, refusal.Reason, refusal.Detail, milliseconds);
                break;
            case ExchangeEnd.Failed { Failure: var failure }:
                SocketLog.Failed(logger, address, peer.Received, exchange.Attempts, failure.ToString(), milliseconds);
                connection.Abort();
                break;
            case ExchangeEnd.Broken { Exception: var broken }:
                SocketLog.RecognitionBroke(logger, broken, address);
                connection.Abort();
                break;
            case ExchangeEnd.Unused:
                break;
        }
    }
}
