using System.Net;

namespace Node.Hosting;

/// <summary>
/// The bytes that one transfer holds of a <see cref="ByteBudget"/>. Disposing returns them, and closes the claim: it gets
/// no more bytes, and has none to release. Thread-safe.
/// </summary>
public sealed class ByteClaim : IDisposable
{
    // The bytes that a transfer is credited with at its start. Evicting a transfer for fewer bytes is not worth it.
    private const double Credit = 65_536;

    private static readonly TimeSpan HalfLife = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

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

    /// <summary>A token that is cancelled when the transfer must end, because faster ones need its bytes.</summary>
    public CancellationToken Evicted => eviction.Token;

    /// <summary>The number of bytes held.</summary>
    public long Held { get; internal set; }

    /// <summary>Whether the transfer is still receiving. A complete transfer is not evicted.</summary>
    public bool IsReceiving { get; set; } = true;

    internal IPAddress? Network { get; }

    internal bool IsEvicted { get; private set; }

    internal bool IsClosed { get; set; }

    /// <summary>Records that <paramref name="bytes"/> more have arrived.</summary>
    public void Progress(long bytes)
    {
        lock (eviction)
        {
            recent = Recent() + bytes;
            progressed = clock.GetTimestamp();
        }
    }

    /// <summary>Takes bytes that have already arrived. Returns false if the transfer must end.</summary>
    public bool TryTake(long bytes) => budget.Take(this, bytes, force: true) is TakeResult.Taken;

    /// <summary>Takes bytes and evicts slower transfers if necessary. Returns false if this one must end.</summary>
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

    /// <summary>Returns the recently received bytes per held byte. The slowest transfer has the lowest value.</summary>
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
        // Continuations run on another thread than the one that needs the bytes.
        _ = eviction.CancelAsync();
    }

    private TimeSpan Left(long began)
    {
        var left = Timeout - clock.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private double Recent() => recent * Math.Pow(2, -(clock.GetElapsedTime(progressed) / HalfLife));
}
