using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Node.Hosting;

/// <summary>
/// The memory pool that Kestrel receives into. Kestrel's own blocks of 4 KiB take two system calls each, about 330 for
/// an image of 660 KB. A connection holds a block only while bytes in it are unread. Even larger blocks would let
/// thousands of slow peers hold too much memory.
/// </summary>
public sealed class ReceiveBlocks : IMemoryPoolFactory<byte>
{
    /// <summary>The size of a block, in bytes.</summary>
    public const int BlockSize = 16 * 1024;

    // Per pool; Kestrel has several per port. More are allocated on demand and left to the garbage collector.
    private const int MostKept = 64;

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private readonly ConcurrentQueue<Block> free = new();

        public override int MaxBufferSize => BlockSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
            return free.TryDequeue(out var block) ? block : new Block(this);
        }

        public void Return(Block block)
        {
            if (free.Count < MostKept)
            {
                free.Enqueue(block);
            }
        }

        protected override void Dispose(bool disposing) => free.Clear();
    }

    private sealed class Block(Pool pool) : IMemoryOwner<byte>
    {
        // Pinned, as the kernel writes into it.
        private readonly byte[] bytes = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);

        public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(bytes, 0, BlockSize);

        public void Dispose() => pool.Return(this);
    }
}
