namespace Worker;

/// <summary>Runs an action at once and then at an interval, until it is disposed.</summary>
internal sealed class PeriodicTask : IAsyncDisposable
{
    private readonly CancellationTokenSource ending = new();
    private readonly Task running;

    /// <summary>Starts to run <paramref name="action"/>, whose token is cancelled by the disposal.</summary>
    public PeriodicTask(TimeSpan interval, TimeProvider clock, Func<CancellationToken, Task> action) =>
        running = RunAsync(interval, clock, action);

    /// <summary>Ends it, and waits for an action that is running.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await running;
        ending.Dispose();
    }

    private async Task RunAsync(TimeSpan interval, TimeProvider clock, Func<CancellationToken, Task> action)
    {
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            do
            {
                await action(ending.Token);
            }
            while (await timer.WaitForNextTickAsync(ending.Token));
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
