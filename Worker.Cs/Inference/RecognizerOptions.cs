using Worker.Imaging;

namespace Worker.Inference;

/// <summary>Limits how many images are recognized at once, and how many may wait.</summary>
/// <param name="Executors">Executor threads, each with one image at a time; at least 1.</param>
/// <param name="Queue">Images that wait in the queue, at least 1; further callers wait for room in it.</param>
/// <param name="Limits">The limits for one image.</param>
public sealed record RecognizerOptions(int Executors, int Queue, ImagingLimits Limits)
{
    // A multiple of the processor-time limit: on a busy machine a thread gets a fraction of a processor.
    private const int Overrun = 5;

    /// <summary>The time that one executor may be busy with one image before the process counts as hung.</summary>
    public TimeSpan MaxRun => Limits.MaxTime * Overrun;

    /// <summary>
    /// How long an expensive image waits for other expensive ones before it is refused as busy. Together with the four
    /// seconds that each may take, it ends within a web node's ten. If infinite, the executor waits and refuses none.
    /// </summary>
    public TimeSpan LargeImageTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>One executor for each core, a queue of 64, the standard limits.</summary>
    public static RecognizerOptions Standard { get; } = new(Environment.ProcessorCount, 64, ImagingLimits.Standard);
}
