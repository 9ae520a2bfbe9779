using Protocol.Core;
using Worker.Imaging;

namespace Worker.Sockets;

/// <summary>The end of an exchange.</summary>
internal abstract record ExchangeEnd
{
    private ExchangeEnd()
    {
    }

    public sealed record Answered : ExchangeEnd;

    public sealed record ImageRefused(ImageRefusal Refusal) : ExchangeEnd;

    public sealed record Failed(Failure Failure) : ExchangeEnd;

    /// <summary>A bug or a broken machine.</summary>
    public sealed record Faulted(Exception Exception) : ExchangeEnd;

    /// <summary>The exchange never began: the worker is stopping, or the peer starts no further one.</summary>
    public sealed record Unused : ExchangeEnd;
}
