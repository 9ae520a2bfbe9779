using System.Buffers;
using System.Collections.Concurrent;

namespace Node.Hosting;

/// <summary>
/// A receive buffer of equally large blocks from a pool of the whole process. The claim is charged for exactly the
/// blocks held, and growing copies no bytes. Not thread-safe.
/// </summary>
/// <param name="claim">The claim that is charged for the blocks.</param>
public sealed class ByteBlocks(ByteClaim claim)
{
    /// <summary>The size of a block, in bytes.</summary>
    public const int BlockSize = 64 * 1024;

    // Up to 256 MiB are kept, so that the next burst reuses the memory of the last one. A quarter of the excess over 16
    // MiB is freed every ten seconds.
    private const int MostKept = 4096;
    private const int AlwaysKept = 256;

    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentStack<byte[]> Free = new();
    private static readonly Timer Trimmer = new(_ => Trim(), null, TrimEvery, TrimEvery);
    private static int kept;

    private readonly List<byte[]> blocks = [];
    private int filled;
    private bool isRead;

    /// <summary>The number of received bytes.</summary>
    public long Length => blocks.Count == 0 ? 0 : ((blocks.Count - 1L) * BlockSize) + filled;

    /// <summary>The memory to receive into; empty before <see cref="GrowAsync"/>.</summary>
    public Memory<byte> Room => blocks.Count == 0 ? default : blocks[^1].AsMemory(filled);

    /// <summary>Adds a block. Returns false if the budget has none.</summary>
    public async ValueTask<bool> GrowAsync(CancellationToken cancel)
    {
        if (!await claim.TakeAsync(BlockSize, cancel).ConfigureAwait(false))
        {
            return false;
        }

        if (Free.TryPop(out var block))
        {
            Interlocked.Decrement(ref kept);
        }

        // Pinned, as sockets send from it.
        blocks.Add(block ?? GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true));
        filled = 0;
        return true;
    }

    /// <summary>Records that the first <paramref name="bytes"/> of <see cref="Room"/> have arrived.</summary>
    public void Advance(int bytes)
    {
        filled += bytes;
        claim.Progress(bytes);
    }

    /// <summary>Returns all bytes without copying them.</summary>
    public ReadOnlySequence<byte> Sequence()
    {
        isRead = true;
        if (blocks.Count <= 1)
        {
            return blocks.Count == 0 ? default : new(blocks[0], 0, filled);
        }

        var first = new Segment(blocks[0], 0);
        var last = first;
        foreach (var block in blocks.Skip(1))
        {
            last = last.Append(block);
        }

        return new(first, 0, last, filled);
    }

    /// <summary>
    /// Releases the blocks and their bytes of the budget. If nothing reads the blocks any more
    /// (<paramref name="reusable"/>) or <see cref="Sequence"/> was never called, they return to the pool. Otherwise,
    /// for example after an aborted exchange whose socket may still send from them, they are left to the garbage
    /// collector.
    /// </summary>
    public void Release(bool reusable)
    {
        var count = blocks.Count;
        foreach (var block in blocks)
        {
            if (reusable || !isRead)
            {
                Keep(block);
            }
        }

        blocks.Clear();
        claim.Release((long)count * BlockSize);
        filled = 0;
    }

    private static void Keep(byte[] block)
    {
        if (Interlocked.Increment(ref kept) <= MostKept)
        {
            Free.Push(block);
        }
        else
        {
            Interlocked.Decrement(ref kept);
        }
    }

    private static void Trim()
    {
        for (var rest = (Volatile.Read(ref kept) - AlwaysKept) / 4; rest > 0 && Free.TryPop(out _); rest--)
        {
            Interlocked.Decrement(ref kept);
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> block, long index)
        {
            Memory = block;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> block)
        {
            var next = new Segment(block, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
