using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Protocol.Core;
using Protocol.Core.Interop;
using Worker.Imaging;
using Worker.Inference;

namespace Worker.Sockets;

/// <summary>
/// Runs one whole exchange in memory before the port opens, so that the first client does not wait for the runtime to
/// compile the protocol.
/// </summary>
internal static class Warmup
{
    public static async Task RunAsync(Recognizer recognizer, ExchangeOptions options)
    {
        var (toWorker, toClient) = (new Pipe(), new Pipe());
        var connection = new DefaultConnectionContext { Transport = new Duplex(toWorker.Reader, toClient.Writer) };
        using var peer = new PeerConnection(connection, options with { DeliveryDelay = TimeSpan.Zero }, TimeProvider.System);
        var exchange = RunExchangeAsync(new Exchange(peer, recognizer, Limits.Standard), toClient.Writer);

        var picture = Vips.BlankJpeg();
        await SendAsync(Message.NewSize(Base64Length(picture), WorkerProtocol.NoParameters));
        await ReceiveAsync(1);
        await SendAsync(Message.NewImage(new ReadOnlySequence<byte>(picture), WorkerProtocol.NoParameters));
        // The image's acknowledgement, then the result, without a pause.
        await ReceiveAsync(2);
        await SendAsync(Message.Ack);
        await exchange;

        async Task SendAsync(Message message)
        {
            WorkerProtocol.Write(toWorker.Writer, message);
            await toWorker.Writer.FlushAsync();
        }

        async Task ReceiveAsync(int least)
        {
            var received = await toClient.Reader.ReadAtLeastAsync(least);
            toClient.Reader.AdvanceTo(received.Buffer.End);
        }
    }

    /// <summary>Runs the exchange and completes the client's side, also after an error.</summary>
    private static async Task RunExchangeAsync(Exchange exchange, PipeWriter toClient)
    {
        await exchange.RunAsync();
        await toClient.CompleteAsync();
    }

    private static int Base64Length(byte[] bytes) => (bytes.Length + 2) / 3 * 4;

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
