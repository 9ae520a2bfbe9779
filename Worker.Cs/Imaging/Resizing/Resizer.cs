namespace Worker.Imaging;

/// <summary>
/// From decoded rows to the network's input: both passes of the resize, and the normalisation. Has one picture at a
/// time, in buffers that only ever grow.
/// </summary>
internal abstract class Resizer
{
    /// <summary>Begins a picture, whose filters stay as they are until it is done.</summary>
    public abstract void Begin(Axes axes);

    /// <summary>Decoded row <paramref name="y"/>, from column <c>Columns.First</c> on; rows come in order.</summary>
    public abstract void Add(int y, ReadOnlySpan<byte> row);

    /// <summary>Target row <paramref name="index"/> goes to <paramref name="tensor"/>; all rows that make it were added.</summary>
    public abstract void Finish(int index, Span<float> tensor);

    /// <summary>Where a target row's pixels lie in a plane of the tensor: the first one's place, and the next one's behind it.</summary>
    protected static (int Start, int Step) Place(Orientation lies, int index, int crop)
    {
        var line = lies.MirrorY ? crop - 1 - index : index;
        var start = lies.MirrorX ? crop - 1 : 0;
        var step = lies.MirrorX ? -1 : 1;
        return lies.Transposed ? ((start * crop) + line, step * crop) : ((line * crop) + start, step);
    }

    /// <summary>At least so long; what it held may be gone.</summary>
    protected static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = GC.AllocateUninitializedArray<T>(length);
        }
    }

    /// <summary>A picture's filters.</summary>
    /// <param name="Columns">Along a stored row.</param>
    /// <param name="Rows">Across stored rows.</param>
    /// <param name="Orientation">How the stored picture lies in the shown one.</param>
    internal readonly record struct Axes(AxisWeights Columns, AxisWeights Rows, Orientation Orientation);
}
