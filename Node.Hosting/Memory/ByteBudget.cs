using System.Net;

namespace Node.Hosting;

/// <summary>
/// Limits the bytes that a process holds for all transfers. When they are exhausted, the transfer that is slowest in
/// relation to its held bytes is evicted, first one of an address that exceeds its share.
/// </summary>
/// <param name="limit">The limit for all transfers, in bytes.</param>
/// <param name="largest">
/// The largest single transfer, in bytes, up to <paramref name="limit"/>. One address may always hold it.
/// </param>
/// <param name="clock">Measures how fast transfers are.</param>
public sealed class ByteBudget(long limit, long largest, TimeProvider clock)
{
    // Each address may use a quarter, and more while a quarter of the limit stays free for the others.
    private const int Shares = 4;

    private readonly Lock gate = new();
    private readonly HashSet<ByteClaim> claims = [];
    private readonly Dictionary<IPAddress, long> heldByNetwork = [];
    private TaskCompletionSource released = NewSignal();
    private bool isAwaited;
    private long held;
    private long ending;

    /// <summary>The limit for all transfers, in bytes.</summary>
    public long Limit => limit;

    /// <summary>The bytes held by all transfers.</summary>
    public long Held => Interlocked.Read(ref held);

    internal Task Released
    {
        get
        {
            lock (gate)
            {
                isAwaited = true;
                return released.Task;
            }
        }
    }

    /// <summary>Begins a transfer with a peer at this address. It holds no bytes yet.</summary>
    public ByteClaim Open(IPAddress? address) => new(this, ClientNetwork.Of(address), clock);

    /// <summary>
    /// Takes bytes for <paramref name="claim"/>, or evicts the slowest transfer to make room for them.
    /// With <paramref name="force"/>, bytes that have already arrived are taken before the room is free.
    /// </summary>
    internal TakeResult Take(ByteClaim claim, long bytes, bool force)
    {
        ByteClaim? victim = null;
        lock (gate)
        {
            if (claim.IsEvicted || claim.IsClosed)
            {
                return TakeResult.Refused;
            }

            if (!Fits(claim, bytes, held))
            {
                if (!Fits(claim, bytes, held - ending))
                {
                    victim = Slowest(claim);
                    if (victim is null)
                    {
                        return TakeResult.Refused;
                    }

                    ending += victim.Held;
                    victim.Evict();
                }

                if (!force)
                {
                    return TakeResult.Wait;
                }
            }

            Add(claim, bytes);
            return TakeResult.Taken;
        }
    }

    internal void Release(ByteClaim claim, long bytes)
    {
        lock (gate)
        {
            // A closed claim has returned all its bytes.
            bytes = claim.IsClosed ? 0 : bytes;
            Add(claim, -bytes);
            ending -= claim.IsEvicted ? bytes : 0;
            if (isAwaited)
            {
                isAwaited = false;
                released.SetResult();
                released = NewSignal();
            }
        }
    }

    internal void Close(ByteClaim claim)
    {
        lock (gate)
        {
            Release(claim, claim.Held);
            claim.IsClosed = true;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool Fits(ByteClaim claim, long bytes, long others) =>
        others + bytes <= (IsOverShare(claim, bytes) ? Math.Max(largest, limit - (limit / Shares)) : limit);

    private bool IsOverShare(ByteClaim claim, long bytes) =>
        claim.Network is { } network && heldByNetwork.GetValueOrDefault(network) + bytes > limit / Shares;

    /// <summary>Returns the transfer to evict for <paramref name="asking"/>, or null if none is slower.</summary>
    private ByteClaim? Slowest(ByteClaim asking)
    {
        var isGreedy = IsOverShare(asking, 1);
        var candidates = claims.Where(claim => claim.IsReceiving && !claim.IsEvicted && claim != asking);
        if (isGreedy)
        {
            candidates = candidates.Where(claim => Equals(claim.Network, asking.Network));
        }
        else if (candidates.Where(claim => IsOverShare(claim, 0)).MinBy(claim => claim.Turnover()) is { } greedy)
        {
            return greedy;
        }

        return candidates.MinBy(claim => claim.Turnover()) is { } slowest && slowest.Turnover() < asking.Turnover()
            ? slowest
            : null;
    }

    private void Add(ByteClaim claim, long bytes)
    {
        held += bytes;
        claim.Held += bytes;
        _ = claim.Held > 0 ? claims.Add(claim) : claims.Remove(claim);
        if (claim.Network is { } network)
        {
            var sum = heldByNetwork.GetValueOrDefault(network) + bytes;
            if (sum > 0)
            {
                heldByNetwork[network] = sum;
            }
            else
            {
                heldByNetwork.Remove(network);
            }
        }
    }
}

/// <summary>The result of an attempt to take bytes of a <see cref="ByteBudget"/>.</summary>
internal enum TakeResult
{
    /// <summary>The claim holds the bytes.</summary>
    Taken,

    /// <summary>The budget is exhausted, and no transfer is slower.</summary>
    Refused,

    /// <summary>A slower transfer is being evicted.</summary>
    Wait,
}
