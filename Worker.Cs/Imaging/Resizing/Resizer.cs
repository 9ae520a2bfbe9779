namespace Worker.Imaging;

/// <summary>
/// Converts decoded rows to the network's input: both passes of the resize, and the normalization. Handles one image at
/// a time, in buffers that only grow.
/// </summary>
internal abstract class Resizer
{
    /// <summary>Begins an image; its filters must not change until it is done.</summary>
    public abstract void Begin(Axes axes);

    /// <summary>
    /// Adds decoded row <paramref name="y"/>, from column <c>Columns.First</c> on; rows come in order.
    /// </summary>
    public abstract void Add(int y, ReadOnlySpan<byte> row);

    /// <summary>
    /// Writes target row <paramref name="index"/> to <paramref name="tensor"/>; its source rows must be added.
    /// </summary>
    public abstract void Finish(int index, Span<float> tensor);

    /// <summary>Grows an array to at least this length; its contents may be lost.</summary>
    protected static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = GC.AllocateUninitializedArray<T>(length);
        }
    }

    /// <summary>The filters of an image.</summary>
    /// <param name="Columns">The filter along a stored row.</param>
    /// <param name="Rows">The filter across stored rows.</param>
    /// <param name="Orientation">The EXIF orientation.</param>
    /// <param name="Area">The part of the planes to write.</param>
    internal readonly record struct Axes(
        AxisWeights Columns, AxisWeights Rows, Orientation Orientation, TargetArea Area);
}
