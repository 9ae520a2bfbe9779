using System.Runtime.InteropServices;

namespace Worker.Imaging;

/// <summary>
/// A buffer of fixed capacity in native memory, which returns to the system at once however large it is.
/// </summary>
internal unsafe ref struct NativeBuffer : IDisposable
{
    private byte* memory;
    private readonly int capacity;

    /// <summary>Allocates <paramref name="capacity"/> bytes.</summary>
    public NativeBuffer(int capacity)
    {
        this.capacity = capacity;
        memory = (byte*)NativeMemory.Alloc((nuint)capacity);
    }

    /// <summary>Bytes written so far.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => new(memory, Count);

    /// <summary>The whole memory, including bytes not yet written.</summary>
    public readonly Span<byte> WholeCapacity => new(memory, capacity);

    /// <summary>Appends a copy of <paramref name="bytes"/>.</summary>
    /// <exception cref="ArgumentException">The capacity is too small.</exception>
    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(new Span<byte>(memory + Count, capacity - Count));
        Count += bytes.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(memory);
        memory = null;
    }
}
