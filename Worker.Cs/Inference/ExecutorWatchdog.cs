namespace Worker.Inference;

/// <summary>
/// Watches executors for native code that does not return. A thread can't be ended on its own, so the process stops
/// accepting, finishes the other executors' work, and exits with its own exit code.
/// </summary>
internal sealed class ExecutorWatchdog : IAsyncDisposable
{
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource ending = new();
    private readonly Task running;

    /// <summary>
    /// Polls <paramref name="longestRun"/>, the time that the slowest executor has been busy with one image, until it
    /// exceeds <paramref name="limit"/>; then calls <paramref name="overrun"/> with it, once.
    /// </summary>
    public ExecutorWatchdog(Func<TimeSpan> longestRun, TimeSpan limit, TimeProvider clock, Action<TimeSpan> overrun) =>
        running = RunAsync(longestRun, limit, clock, overrun);

    /// <summary>Whether an executor has exceeded the limit.</summary>
    public bool HasFired { get; private set; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await running;
        ending.Dispose();
    }

    private async Task RunAsync(Func<TimeSpan> longestRun, TimeSpan limit, TimeProvider clock, Action<TimeSpan> overrun)
    {
        var tick = limit / 4 < LongestTick ? limit / 4 : LongestTick;
        using var timer = new PeriodicTimer(tick, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token))
            {
                if (longestRun() is var run && run > limit)
                {
                    HasFired = true;
                    overrun(run);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
