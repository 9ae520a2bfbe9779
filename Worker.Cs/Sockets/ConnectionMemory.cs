using Node.Hosting;

namespace Worker.Sockets;

/// <summary>
/// Counts the memory of a connection in the budget of all connections: bytes that are received and not yet consumed,
/// and what else it holds. Without a budget, everything is allowed.
/// </summary>
internal sealed class ConnectionMemory(ByteClaim? claim)
{
    private long held;

    /// <summary>Cancelled when the connection must end because other connections need its memory.</summary>
    public CancellationToken Evicted => claim?.Evicted ?? default;

    /// <summary>Whether the connection is still receiving; one that has its whole image is not evicted.</summary>
    public bool IsReceiving
    {
        set
        {
            if (claim is not null)
            {
                claim.IsReceiving = value;
            }
        }
    }

    /// <summary>Counts memory beyond received bytes; false if the connection must end.</summary>
    public bool TryHold(long bytes) => claim?.TryTake(bytes) ?? true;

    /// <summary>Releases the memory that <see cref="TryHold"/> counted.</summary>
    public void Unhold(long bytes) => claim?.Release(bytes);

    /// <summary>Counts the bytes that are received and not yet consumed; false if the connection must end.</summary>
    public bool TryReceive(long received)
    {
        var more = received - held;
        if (claim is null || more <= 0)
        {
            return claim is not { Evicted.IsCancellationRequested: true };
        }

        claim.Progress(more);
        if (!claim.TryTake(more))
        {
            return false;
        }

        held = received;
        return true;
    }

    /// <summary>Releases received bytes that are consumed.</summary>
    public void Consume(long bytes)
    {
        var released = Math.Min(bytes, held);
        held -= released;
        if (released > 0)
        {
            claim?.Release(released);
        }
    }

    /// <summary>Releases all received bytes.</summary>
    public void ConsumeAll() => Consume(held);
}
