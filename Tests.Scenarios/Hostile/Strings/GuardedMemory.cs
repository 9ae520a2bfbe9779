using System.Buffers;
using System.Runtime.InteropServices;

namespace Scenarios.Hostile;

/// <summary>
/// Memory directly before an unreadable page: a read past its end crashes the process. Linux only; plain memory
/// elsewhere.
/// </summary>
public sealed unsafe partial class GuardedMemory : MemoryManager<byte>
{
    private const int Page = 65_536;
    private const int None = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly byte* start;

    /// <summary>Allocates 64 KiB.</summary>
    public GuardedMemory()
    {
        if (!OperatingSystem.IsLinux())
        {
            start = (byte*)NativeMemory.Alloc(Page);
            return;
        }

        start = (byte*)Map(0, 2 * Page, ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)start == -1 || Protect((nint)(start + Page), Page, None) != 0)
        {
            throw new InvalidOperationException("The kernel gives no guarded memory.");
        }
    }

    /// <summary>
    /// Returns a copy of <paramref name="bytes"/>, at most 64 KiB, directly before the guard; valid until the next
    /// call.
    /// </summary>
    public ReadOnlyMemory<byte> Hold(ReadOnlySpan<byte> bytes)
    {
        var from = Page - bytes.Length;
        bytes.CopyTo(GetSpan()[from..]);
        return Memory[from..];
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(start, Page);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Unmap((nint)start, 2 * Page);
        }
        else
        {
            NativeMemory.Free(start);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint length);
}
