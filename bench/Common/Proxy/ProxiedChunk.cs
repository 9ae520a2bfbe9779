using System.Buffers;

namespace Bench.Proxy;

/// <summary>How a direction, or a whole connection, ends.</summary>
internal enum Ending
{
    /// <summary>The sender has closed its direction.</summary>
    Finished,

    /// <summary>Both directions, in order.</summary>
    Closed,

    /// <summary>Both directions, by a reset.</summary>
    Reset,
}

/// <summary>What is on its way: some bytes, or an end.</summary>
/// <param name="Due">The timestamp at which it arrives.</param>
/// <param name="Bytes">Rented; empty for an end.</param>
/// <param name="Length">How many of them count.</param>
/// <param name="Join">Waits for the next one, to go out with it.</param>
/// <param name="End">Null for bytes.</param>
internal readonly record struct ProxiedChunk(long Due, byte[] Bytes, int Length, bool Join, Ending? End)
{
    public static ProxiedChunk Of(long due, ReadOnlySequence<byte> bytes, bool join)
    {
        var copy = ArrayPool<byte>.Shared.Rent((int)bytes.Length);
        bytes.CopyTo(copy);
        return new ProxiedChunk(due, copy, (int)bytes.Length, join, null);
    }

    public static ProxiedChunk Of(long due, Ending end) => new(due, [], 0, false, end);

    public ReadOnlyMemory<byte> Memory => Bytes.AsMemory(0, Length);

    /// <summary>Both in one; gives both back.</summary>
    public ProxiedChunk With(ProxiedChunk next)
    {
        var both = ArrayPool<byte>.Shared.Rent(Length + next.Length);
        Memory.CopyTo(both);
        next.Memory.CopyTo(both.AsMemory(Length));
        var joined = new ProxiedChunk(Due, both, Length + next.Length, false, null);
        Return();
        next.Return();
        return joined;
    }

    public void Return()
    {
        if (Bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(Bytes);
        }
    }
}
