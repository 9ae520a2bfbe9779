namespace Worker.Imaging;

/// <summary>
/// The leave to decode a picture that costs much memory or much time. One has it, then the next, however many lanes
/// there are: the others' lanes stay free for what costs little, and memory holds one such picture.
/// </summary>
/// <param name="waits">
/// Who finds it taken waits on its thread; else the picture is refused as <see cref="RefusalReason.Busy"/>, and may
/// be asked again.
/// </param>
public sealed class LargeImageGate(bool waits) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>For those that have no lanes to share.</summary>
    public static LargeImageGate OfProcess { get; } = new(waits: true);

    /// <summary>Whether nobody has it, at this moment.</summary>
    public bool IsFree => turn.CurrentCount > 0;

    /// <summary>Who gets true calls <see cref="Release"/>.</summary>
    public bool TryTake() => turn.Wait(waits ? Timeout.Infinite : 0);

    /// <summary>Passes it on.</summary>
    public void Release() => turn.Release();

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();
}
