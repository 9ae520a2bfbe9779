using System.Diagnostics;
using Worker.Imaging;
using Worker.Inference;

namespace Worker.Telemetry;

/// <summary>
/// Whether the worker can name a picture: it did so within the last interval, for a client, or for itself where no client
/// came. A lane that hangs is found without a client.
/// </summary>
/// <param name="recognizer">What is watched; it outlives this.</param>
/// <param name="stopping">The worker takes no new exchanges.</param>
internal sealed class Readiness(Recognizer recognizer, CancellationToken stopping) : IAsyncDisposable
{
    /// <summary>A success is good for so long.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>After so long without one the worker asks itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource ending = new();
    private Task running = Task.CompletedTask;

    /// <summary>"ready", or the reason why not.</summary>
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
                // One at a time: one that never ends is the answer.
                if (Age > Patience && check.IsCompleted)
                {
                    check = CheckAsync(picture);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told to end.
        }
    }

    private async Task CheckAsync(byte[] picture)
    {
        try
        {
            await recognizer.RecognizeAsync(picture, RecognizeOptions.Plain, ending.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A success would show; a client's failure of the same kind is in the log.
        }
    }
}
