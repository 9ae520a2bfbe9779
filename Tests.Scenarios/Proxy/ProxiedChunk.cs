using System.Buffers;

namespace Scenarios.Proxy;

/// <summary>The way in which a direction or a whole connection ends.</summary>
internal enum Ending
{
    /// <summary>The sender closed its direction.</summary>
    Finished,

    /// <summary>Both directions end by an orderly close.</summary>
    Closed,

    /// <summary>Both directions end by a reset.</summary>
    Reset,
}

/// <summary>Bytes in transit, or an end.</summary>
/// <param name="Due">The arrival timestamp.</param>
/// <param name="Bytes">The bytes, rented; empty for an end.</param>
/// <param name="Length">The number of valid bytes.</param>
/// <param name="Join">Whether it waits for the next chunk, to be sent with it.</param>
/// <param name="End">The end; null for bytes.</param>
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

    /// <summary>Joins two chunks into one and returns both buffers.</summary>
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
