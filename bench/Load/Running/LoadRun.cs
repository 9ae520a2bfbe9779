using System.Diagnostics;
using Load.Options;
using Load.Pictures;
using Load.Targets;

namespace Load.Running;

/// <summary>
/// A load that runs until it is disposed; disposing waits for the last answers. A request counts in the window in which
/// it ends.
/// </summary>
public sealed class LoadRun : IAsyncDisposable
{
    private readonly Target target;
    private readonly IReadOnlyList<Picture> pictures;
    private readonly LoadOptions options;
    private readonly LoadStatistics statistics = new();
    private readonly Task load;
    private volatile bool stopped;
    private int outstanding;

    private LoadRun(Target target, IReadOnlyList<Picture> pictures, Level level, LoadOptions options)
    {
        (this.target, this.pictures, this.options) = (target, pictures, options);
        load = level switch
        {
            Level.Clients clients => Task.WhenAll(
                Enumerable.Range(0, clients.Count).Select(first => Task.Run(() => AskOnAsync(first)))),
            Level.Rate rate => Task.Factory.StartNew(() => Schedule(rate.PerSecond), TaskCreationOptions.LongRunning),
            _ => throw new ArgumentException($"There is no load like {level}.", nameof(level)),
        };
    }

    /// <summary>The current window so far.</summary>
    public LoadSnapshot Now => statistics.Look();

    /// <summary>
    /// Starts the load. Client i begins with picture i, so the load is mixed and the same in every run.
    /// </summary>
    public static LoadRun Start(Target target, IReadOnlyList<Picture> pictures, Level level, LoadOptions options) =>
        new(target, pictures, level, options);

    /// <summary>
    /// Waits this long without counting, then counts the events of the following <paramref name="span"/>.
    /// </summary>
    public async Task<Window> WindowAsync(TimeSpan before, TimeSpan span, CancellationToken cancel = default)
    {
        await Task.Delay(before, cancel).ConfigureAwait(false);
        _ = statistics.Take();
        await Task.Delay(span, cancel).ConfigureAwait(false);
        return statistics.Take();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        stopped = true;
        await load.ConfigureAwait(false);
        while (Volatile.Read(ref outstanding) > 0)
        {
            await Task.Delay(1).ConfigureAwait(false);
        }

        statistics.Dispose();
    }

    private async Task AskOnAsync(int first)
    {
        for (var next = first; !stopped; next++)
        {
            statistics.Due();
            var moment = Stopwatch.GetTimestamp();
            statistics.Ended(moment, await target.AskAsync(pictures[next % pictures.Count]).ConfigureAwait(false));
        }
    }

    /// <summary>Sends requests at times that don't depend on the answers: a late request keeps its due time.</summary>
    private void Schedule(double rate)
    {
        var random = new Random(options.Seed);
        var due = Stopwatch.GetTimestamp();
        for (var next = 0; !stopped; next++)
        {
            due += (long)(-Math.Log(1 - random.NextDouble()) / rate * Stopwatch.Frequency);
            WaitUntil(due);
            statistics.Due();
            if (Volatile.Read(ref outstanding) >= options.MaxOutstanding)
            {
                statistics.Ended(due, $"not sent: {options.MaxOutstanding} unanswered");
                continue;
            }

            Interlocked.Increment(ref outstanding);
            ThreadPool.UnsafeQueueUserWorkItem(Ask, (due, pictures[next % pictures.Count]), preferLocal: false);
        }
    }

    /// <summary>Waits in steps, so that a load of one request an hour can be stopped.</summary>
    private void WaitUntil(long due)
    {
        while (!stopped && Stopwatch.GetTimestamp() < due)
        {
            PreciseDelay.Until(Math.Min(due, Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 5)));
        }
    }

    private async void Ask((long Due, Picture Picture) request)
    {
        statistics.Ended(request.Due, await target.AskAsync(request.Picture).ConfigureAwait(false));
        Interlocked.Decrement(ref outstanding);
    }
}
