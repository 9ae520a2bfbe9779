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
        using var peer = new PeerConnection(connection, options with { Settle = TimeSpan.Zero }, TimeProvider.System);
        var exchange = PlayAsync(new Exchange(peer, recognizer, Limits.Standard), toClient.Writer);

        var picture = Vips.BlankJpeg();
        await SayAsync(Message.NewSize(Base64Length(picture), ParametersModule.none));
        await HearAsync(1);
        await SayAsync(Message.NewImage(new ReadOnlySequence<byte>(picture), ParametersModule.none));
        // The image's acknowledgement, then the result, without a pause.
        await HearAsync(2);
        await SayAsync(Message.Ack);
        await exchange;

        async Task SayAsync(Message message)
        {
            WorkerProtocol.Write(toWorker.Writer, message);
            await toWorker.Writer.FlushAsync();
        }

        async Task HearAsync(int least)
        {
            var heard = await toClient.Reader.ReadAtLeastAsync(least);
            toClient.Reader.AdvanceTo(heard.Buffer.End);
        }
    }

    /// <summary>Runs the exchange and completes the client's side, also after an error.</summary>
    private static async Task PlayAsync(Exchange exchange, PipeWriter toClient)
    {
        await exchange.RunAsync();
        await toClient.CompleteAsync();
    }

    private static int Base64Length(byte[] bytes) => (bytes.Length + 2) / 3 * 4;

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
