using System.Buffers;

namespace Scenarios.Hostile;

/// <summary>Splits bytes into one to three pieces, each directly before unreadable memory.</summary>
public sealed class GuardedPieces : IDisposable
{
    private readonly GuardedMemory[] memory = [new(), new(), new()];

    /// <summary>Returns all of <paramref name="bytes"/>; valid until the next call.</summary>
    public ReadOnlySequence<byte> Cut(ReadOnlySpan<byte> bytes, Random random)
    {
        var first = random.Next(bytes.Length + 1);
        var second = random.Next(first, bytes.Length + 1);
        if (random.Next(2) == 0)
        {
            return new ReadOnlySequence<byte>(memory[0].Hold(bytes));
        }

        var start = new Piece(memory[0].Hold(bytes[..first]), 0);
        var middle = start.Link(memory[1].Hold(bytes[first..second]));
        var end = middle.Link(memory[2].Hold(bytes[second..]));
        return new ReadOnlySequence<byte>(start, 0, end, end.Memory.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable one in memory)
        {
            one.Dispose();
        }
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> bytes, long index) => (Memory, RunningIndex) = (bytes, index);

        public Piece Link(ReadOnlyMemory<byte> bytes)
        {
            var next = new Piece(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
