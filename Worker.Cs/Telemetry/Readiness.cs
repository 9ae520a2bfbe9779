using System.Diagnostics;
using Worker.Imaging;
using Worker.Inference;

namespace Worker.Telemetry;

/// <summary>
/// Reports whether the worker can classify: a recognition succeeded within the last interval, for a client or, without
/// clients, for the worker's own check. This detects a hung executor even without clients.
/// </summary>
/// <param name="recognizer">The recognizer to watch; it must outlive this.</param>
/// <param name="stopping">Cancelled when the worker accepts no new exchanges.</param>
internal sealed class Readiness(Recognizer recognizer, CancellationToken stopping) : IAsyncDisposable
{
    /// <summary>How long a success counts.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>How long without a success until the worker runs its own check.</summary>
    private static readonly TimeSpan CheckAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource ending = new();
    private Task running = Task.CompletedTask;

    /// <summary>"ready", or the reason why it is not.</summary>
    public string Status =>
        stopping.IsCancellationRequested ? "stopping"
        : Age > Interval ? $"no recognition succeeded within {Interval.TotalSeconds:0} s"
        : "ready";

    public bool IsReady => Status == "ready";

    private TimeSpan Age => Stopwatch.GetElapsedTime(recognizer.LastSuccess);

    public void Start() => running = RunAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await running;
        ending.Dispose();
    }

    private async Task RunAsync()
    {
        var picture = Vips.BlankJpeg();
        var check = Task.CompletedTask;
        using var timer = new PeriodicTimer(Tick);
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token))
            {
                // One check at a time: if it never ends, the worker becomes not ready.
                if (Age > CheckAfter && check.IsCompleted)
                {
                    check = CheckAsync(picture);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task CheckAsync(byte[] picture)
    {
        try
        {
            await recognizer.RecognizeAsync(picture, RecognizeOptions.Default, ending.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The missing success makes the worker not ready; client errors of the same kind are logged.
        }
    }
}
