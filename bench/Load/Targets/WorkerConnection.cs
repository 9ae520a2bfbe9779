using System.Buffers;
using System.Net.Sockets;
using Protocol.Core;

namespace Load.Targets;

/// <summary>
/// One connection to a worker, for one exchange at a time. Damaged messages are not repaired: such a request counts as
/// an error, at the latest at its timeout.
/// </summary>
internal sealed class WorkerConnection : IDisposable
{
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly List<ArraySegment<byte>> pieces = [];
    private byte[] buffer = new byte[4096];
    private int held;

    /// <summary>Whether it can be used for another exchange.</summary>
    public bool IsReusable { get; private set; }

    /// <summary>Connects; throws if that fails.</summary>
    public Task ConnectAsync(string host, int port) => socket.ConnectAsync(host, port);

    /// <summary>Runs one exchange; returns null if it is answered, else the kind of error.</summary>
    public async Task<string?> AskAsync(EncodedPicture picture, Parameters parameters)
    {
        IsReusable = false;
        var (state, effects) = ClientExchange.start(
            Limits.Standard, parameters, new ReadOnlySequence<byte>(picture.Bytes));
        while (true)
        {
            var (ended, error) = await PerformAsync(picture, effects).ConfigureAwait(false);
            if (ended)
            {
                IsReusable = held == 0 && ClientExchange.isReusable(state);
                return error;
            }

            if (held == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var count = await socket.ReceiveAsync(buffer.AsMemory(held)).ConfigureAwait(false);
            held += count;
            var happened = count == 0
                ? ClientEvent.PeerEnded
                : ClientEvent.NewReceived(new ReadOnlySequence<byte>(buffer, 0, held));
            (state, effects) = ClientExchange.step(state, happened);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private static string? Error(ClientAnswer answer) => answer switch
    {
        ClientAnswer.Recognized => null,
        ClientAnswer.ImageRefused => "image refused",
        _ => WorkerTarget.Declined,
    };

    private async Task<(bool Ended, string? Error)> PerformAsync(
        EncodedPicture picture, IEnumerable<ClientEffect> effects)
    {
        var (ended, error) = (false, default(string));
        pieces.Clear();
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case ClientEffect.Consume consume:
                    held -= (int)consume.bytes;
                    buffer.AsSpan((int)consume.bytes, held).CopyTo(buffer);
                    break;
                case ClientEffect.Send send:
                    picture.AddTo(pieces, send.Item);
                    break;
                case ClientEffect.Finish finish:
                    (ended, error) = (true, Error(finish.Item));
                    break;
                case ClientEffect.Fail fail:
                    (ended, error) = (true, FailureModule.code(fail.Item));
                    break;
            }
        }

        if (pieces.Count > 0)
        {
            await socket.SendAsync(pieces).ConfigureAwait(false);
        }

        return (ended, error);
    }
}
