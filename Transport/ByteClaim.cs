using System.Net;

namespace Transport;

/// <summary>
/// The bytes that one transfer holds of a <see cref="ByteBudget"/>. Disposing returns them. Safe for many threads.
/// </summary>
public sealed class ByteClaim : IDisposable
{
    // What a transfer is credited with before its first byte, and the amount that is too small to be worth ending it for.
    private const double Credit = 65_536;

    private static readonly TimeSpan HalfLife = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ByteBudget budget;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource eviction = new();
    private double recent;
    private long progressed;

    internal ByteClaim(ByteBudget budget, IPAddress? network, TimeProvider clock)
    {
        this.budget = budget;
        this.clock = clock;
        Network = network;
        progressed = clock.GetTimestamp();
    }

    /// <summary>Cancelled when the transfer has to end, because others that are faster need its bytes.</summary>
    public CancellationToken Evicted => eviction.Token;

    /// <summary>How many bytes it holds.</summary>
    public long Held { get; internal set; }

    /// <summary>Whether it is still receiving; one that has all its bytes is not evicted.</summary>
    public bool IsReceiving { get; set; } = true;

    internal IPAddress? Network { get; }

    internal bool IsEvicted { get; private set; }

    /// <summary>Records that <paramref name="bytes"/> more have arrived.</summary>
    public void Progress(long bytes)
    {
        lock (eviction)
        {
            recent = Recent() + bytes;
            progressed = clock.GetTimestamp();
        }
    }

    /// <summary>Takes bytes that are already there; false when the transfer must end.</summary>
    public bool TryTake(long bytes) => budget.Take(this, bytes, force: true) is TakeResult.Taken;

    /// <summary>Takes bytes, after slower transfers were ended where need be; false when this one must end.</summary>
    public async ValueTask<bool> TakeAsync(long bytes, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var released = budget.Released;
            switch (budget.Take(this, bytes, force: false))
            {
                case TakeResult.Taken:
                    return true;
                case TakeResult.Refused:
                    return false;
                default:
                    try
                    {
                        await released.WaitAsync(Left(began), clock, cancel).ConfigureAwait(false);
                    }
                    catch (TimeoutException)
                    {
                        return false;
                    }

                    break;
            }
        }
    }

    /// <summary>Returns bytes to the budget.</summary>
    public void Release(long bytes) => budget.Release(this, bytes);

    /// <inheritdoc/>
    public void Dispose() => budget.Close(this);

    /// <summary>How often what it holds arrived anew of late: the least is the slowest.</summary>
    internal double Turnover()
    {
        lock (eviction)
        {
            return (Recent() + Credit) / Math.Max(Held, 1);
        }
    }

    internal void Evict()
    {
        IsEvicted = true;
        // Its continuations run elsewhere, not on the thread of whoever needs the bytes.
        _ = eviction.CancelAsync();
    }

    private TimeSpan Left(long began)
    {
        var left = Patience - clock.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private double Recent() => recent * Math.Pow(2, -(clock.GetElapsedTime(progressed) / HalfLife));
}
