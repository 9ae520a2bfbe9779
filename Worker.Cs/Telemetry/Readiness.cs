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

    private PeriodicTask? checks;

    /// <summary>"ready", or the reason why it is not.</summary>
    public string Status =>
        stopping.IsCancellationRequested ? "stopping"
        : Age > Interval ? $"no recognition succeeded within {Interval.TotalSeconds:0} s"
        : "ready";

    public bool IsReady => Status == "ready";

    private TimeSpan Age => Stopwatch.GetElapsedTime(recognizer.LastSuccess);

    /// <summary>Starts the worker's own checks.</summary>
    public void Start()
    {
        var picture = Vips.BlankJpeg();
        var check = Task.CompletedTask;
        checks = new PeriodicTask(Tick, TimeProvider.System, cancel =>
        {
            // One check at a time: if it never ends, the worker becomes not ready.
            if (Age > CheckAfter && check.IsCompleted)
            {
                check = CheckAsync(picture, cancel);
            }

            return Task.CompletedTask;
        });
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => checks?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task CheckAsync(byte[] picture, CancellationToken cancel)
    {
        try
        {
            await recognizer.RecognizeAsync(picture, RecognizeOptions.Default, cancel);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The missing success makes the worker not ready; client errors of the same kind are logged.
        }
    }
}
