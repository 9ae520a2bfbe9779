namespace Worker.Imaging;

/// <summary>
/// Admits one expensive image (in memory or time) at a time, however many executors there are. The other executors stay
/// free for cheap images, and memory holds only one expensive image.
/// </summary>
/// <param name="waits">
/// True to block the thread while the gate is taken; false to refuse the image as <see cref="RefusalReason.Busy"/>,
/// after which the caller may retry.
/// </param>
public sealed class LargeImageGate(bool waits) : IDisposable
{
    private readonly SemaphoreSlim semaphore = new(1);

    /// <summary>The process-wide gate, for callers without executors.</summary>
    public static LargeImageGate OfProcess { get; } = new(waits: true);

    /// <summary>Whether the gate is free at this moment.</summary>
    public bool IsFree => semaphore.CurrentCount > 0;

    /// <summary>Takes the gate; after true, the caller must call <see cref="Release"/>.</summary>
    public bool TryTake() => semaphore.Wait(waits ? Timeout.Infinite : 0);

    /// <summary>Releases the gate.</summary>
    public void Release() => semaphore.Release();

    /// <inheritdoc/>
    public void Dispose() => semaphore.Dispose();
}
