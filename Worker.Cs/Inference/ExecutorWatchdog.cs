namespace Worker.Inference;

/// <summary>
/// Watches executors for native code that does not return. A thread can't be ended on its own, so the process stops
/// accepting, finishes the other executors' work, and exits with its own exit code.
/// </summary>
internal sealed class ExecutorWatchdog : IAsyncDisposable
{
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    private readonly PeriodicTask checks;

    /// <summary>
    /// Polls <paramref name="longestRun"/>, the time that the slowest executor has been busy with one image, until it
    /// exceeds <paramref name="limit"/>; then calls <paramref name="overrun"/> with it, once.
    /// </summary>
    public ExecutorWatchdog(Func<TimeSpan> longestRun, TimeSpan limit, TimeProvider clock, Action<TimeSpan> overrun) =>
        checks = new PeriodicTask(limit / 4 < LongestTick ? limit / 4 : LongestTick, clock, _ =>
        {
            if (!HasFired && longestRun() is var run && run > limit)
            {
                HasFired = true;
                overrun(run);
            }

            return Task.CompletedTask;
        });

    /// <summary>Whether an executor has exceeded the limit.</summary>
    public bool HasFired { get; private set; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => checks.DisposeAsync();
}
