using System.Buffers;

namespace Scenarios;

/// <summary>Splits bytes into a sequence of pieces, as they arrive from a socket, without a copy.</summary>
public static class Pieces
{
    /// <summary>Splits <paramref name="bytes"/> at these positions, ascending.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, params IEnumerable<int> positions)
    {
        Piece? first = null;
        Piece? last = null;
        var start = 0;
        foreach (var end in positions.Append(bytes.Length))
        {
            last = new Piece(bytes[start..end], start, last);
            first ??= last;
            start = end;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    /// <summary>Splits <paramref name="bytes"/> at two random positions, or not at all.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, Random random)
    {
        var first = random.Next(bytes.Length + 1);
        var second = random.Next(first, bytes.Length + 1);
        return random.Next(2) == 0 ? new ReadOnlySequence<byte>(bytes) : Cut(bytes, first, second);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> bytes, long index, Piece? previous)
        {
            (Memory, RunningIndex) = (bytes, index);
            previous?.Next = this;
        }
    }
}
