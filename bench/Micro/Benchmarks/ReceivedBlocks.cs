using System.Buffers;
using Transport;

namespace Micro.Benchmarks;

/// <summary>Bytes in blocks, as they are received from a socket.</summary>
internal sealed class ReceivedBlocks : ReadOnlySequenceSegment<byte>
{
    private const int Length = ReceiveBlocks.BlockSize;

    private ReceivedBlocks(ReadOnlyMemory<byte> memory, long before) => (Memory, RunningIndex) = (memory, before);

    /// <summary>Splits <paramref name="bytes"/>, at least one, without a copy.</summary>
    public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes)
    {
        var first = new ReceivedBlocks(bytes[..Math.Min(Length, bytes.Length)], 0);
        var last = first;
        for (var at = Length; at < bytes.Length; at += Length)
        {
            var next = new ReceivedBlocks(bytes.Slice(at, Math.Min(Length, bytes.Length - at)), at);
            last.Next = next;
            last = next;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
