using System.Buffers;
using System.Collections.Concurrent;

namespace Transport;

/// <summary>
/// Bytes that arrive, in blocks of one size that the whole process shares: what is held is what is charged, and no block
/// is outgrown. For one thread at a time.
/// </summary>
/// <param name="claim">Pays for the blocks.</param>
public sealed class ByteBlocks(ByteClaim claim)
{
    /// <summary>Of a block, in bytes.</summary>
    public const int BlockSize = 64 * 1024;

    // 256 MiB: what a flood leaves is reused by the next one and not allocated anew beside it. A quarter of what is kept goes
    // every ten seconds, down to 16 MiB.
    private const int MostKept = 4096;
    private const int AlwaysKept = 256;

    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentStack<byte[]> Free = new();
    private static readonly Timer Trimmer = new(_ => Trim(), null, TrimEvery, TrimEvery);
    private static int kept;

    private readonly List<byte[]> blocks = [];
    private int filled;
    private bool isRead;

    /// <summary>How many bytes have arrived.</summary>
    public long Length => blocks.Count == 0 ? 0 : ((blocks.Count - 1L) * BlockSize) + filled;

    /// <summary>The memory to receive into; empty before <see cref="GrowAsync"/>.</summary>
    public Memory<byte> Room => blocks.Count == 0 ? default : blocks[^1].AsMemory(filled);

    /// <summary>Adds a block; false when the budget has none.</summary>
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

    /// <summary>The first <paramref name="bytes"/> of <see cref="Room"/> have arrived.</summary>
    public void Advance(int bytes)
    {
        filled += bytes;
        claim.Progress(bytes);
    }

    /// <summary>All bytes, where they lie.</summary>
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
    /// Returns what the blocks cost. <paramref name="reusable"/>: nobody reads them any more, so that others may have them;
    /// always so where <see cref="Sequence"/> was never asked for.
    /// Where that is not sure, as after an exchange that was given up while the socket still sends from them, they are left
    /// to the collector.
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
