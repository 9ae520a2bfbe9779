using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Micro.Goals;

/// <summary>The minimum cost of any pass over bytes: loads each once, with the widest loads available.</summary>
internal static class MemoryRead
{
    private const int Chains = 4;

    /// <summary>Returns a value that depends on every byte, so that no load is optimized away.</summary>
    public static ulong Of(in ReadOnlySequence<byte> bytes)
    {
        var mixed = 0UL;
        foreach (var piece in bytes)
        {
            mixed ^= Of(piece.Span);
        }

        return mixed;
    }

    private static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector512<ulong>>(bytes);
        var (a, b, c, d) = (Vector512<ulong>.Zero, Vector512<ulong>.Zero, Vector512<ulong>.Zero, Vector512<ulong>.Zero);
        var next = 0;
        for (; next + Chains <= vectors.Length; next += Chains)
        {
            a ^= vectors[next];
            b ^= vectors[next + 1];
            c ^= vectors[next + 2];
            d ^= vectors[next + 3];
        }

        for (; next < vectors.Length; next++)
        {
            a ^= vectors[next];
        }

        var mixed = Vector512.Sum(a ^ b ^ c ^ d);
        foreach (var value in bytes[(vectors.Length * Vector512<byte>.Count)..])
        {
            mixed ^= value;
        }

        return mixed;
    }
}
