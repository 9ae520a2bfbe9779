using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Worker.Imaging;

/// <summary>
/// The pass along a row for AVX2 or AVX-512, and its weights: each step computes four adjacent target pixels from two
/// source pixels each. Each 22-bit weight is split into two halves of 11 bits, since the processor multiplies 16-bit
/// numbers and adds them in pairs. The result is bit-identical to the pass of <see cref="Resampling"/>.
/// </summary>
/// <param name="wide">False to avoid AVX-512 even if it is available.</param>
internal sealed class FilterWeights(bool wide = true)
{
    private const int Group = 4;
    private const int Taps = 2;
    private const int HalfBits = AxisWeights.Precision / 2;
    private const int HalfMask = (1 << HalfBits) - 1;

    // The number of upper, or of lower, weight halves in a step.
    private const int Kind = Group * Taps;

    // Within each 16 bytes: pairs the same channels of two pixels, in 16 bits each.
    private static readonly Vector256<byte> Pairs = Vector256.Create(
        (byte)0, 128, 3, 128, 1, 128, 4, 128, 2, 128, 5, 128, 128, 128, 128, 128,
        0, 128, 3, 128, 1, 128, 4, 128, 2, 128, 5, 128, 128, 128, 128, 128);

    // For each group and step: the upper halves of its pixels' weights, then their lower halves.
    private short[] halves = [];

    // The first source byte of each target pixel, including those that pad the last group.
    private int[] starts = [];
    private int groups;
    private int steps;

    /// <summary>Whether this processor supports <see cref="Along"/>.</summary>
    public static bool Supported => Avx2.IsSupported;

    /// <summary>Copies the weights of <paramref name="axis"/>.</summary>
    public void Prepare(AxisWeights axis)
    {
        groups = (axis.Count + Group - 1) / Group;
        steps = (axis.Taps + Taps - 1) / Taps;
        starts = Cleared(starts, groups * Group);
        halves = Cleared(halves, groups * steps * Kind * 2);
        for (var i = 0; i < axis.Count; i++)
        {
            starts[i] = (axis.Starts[i] - axis.First) * Resampling.Channels;
            for (var x = 0; x < axis.Taps; x++)
            {
                var weight = axis.Weights[(i * axis.Taps) + x];
                var at = (((i / Group * steps) + (x / Taps)) * Kind * 2) + (i % Group * Taps) + (x % Taps);
                halves[at] = (short)(weight >> HalfBits);
                halves[at + Kind] = (short)(weight & HalfMask);
            }
        }
    }

    /// <summary>Runs the pass like <see cref="Resampling.Along"/>, which has checked the lengths.</summary>
    public void Along(ref byte row, ref byte target)
    {
        var colours = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 128, 128, 128, 128);
        ref var start = ref MemoryMarshal.GetArrayDataReference(starts);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(halves);
        for (var group = 0; group < groups; group++)
        {
            var four = Avx512BW.IsSupported && wide
                ? Four(ref row, ref start, ref weights)
                : TwoByTwo(ref row, ref start, ref weights);
            // The extra bytes are overwritten by the next group, which is stored next.
            Ssse3.Shuffle(four, colours).StoreUnsafe(ref target, (nuint)(group * Group * Resampling.Channels));
            start = ref Unsafe.Add(ref start, Group);
            weights = ref Unsafe.Add(ref weights, steps * Kind * 2);
        }
    }

    /// <summary>Computes four target pixels of four bytes each; the last byte is undefined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<byte> Four(ref byte row, ref int start, ref short weights)
    {
        var pairs = Vector512.Create(Pairs, Pairs);
        var own = Vector512.Create(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        ref var first = ref Unsafe.Add(ref row, start);
        ref var second = ref Unsafe.Add(ref row, Unsafe.Add(ref start, 1));
        ref var third = ref Unsafe.Add(ref row, Unsafe.Add(ref start, 2));
        ref var fourth = ref Unsafe.Add(ref row, Unsafe.Add(ref start, 3));
        var (upper, lower) = (Vector512<int>.Zero, Vector512.Create(Resampling.Half));
        for (var step = 0; step < steps; step++)
        {
            var at = (nuint)(step * Taps * Resampling.Channels);
            var bytes = Vector512.Create(
                Vector256.Create(Vector128.LoadUnsafe(ref first, at), Vector128.LoadUnsafe(ref second, at)),
                Vector256.Create(Vector128.LoadUnsafe(ref third, at), Vector128.LoadUnsafe(ref fourth, at)));
            var channels = Avx512BW.Shuffle(bytes, pairs).AsInt16();
            var both = Vector256.LoadUnsafe(ref weights, (nuint)(step * Kind * 2)).AsInt32().ToVector512Unsafe();
            upper += Avx512BW.MultiplyAddAdjacent(channels, Avx512F.PermuteVar16x32(both, own).AsInt16());
            var lowerHalves = Avx512F.PermuteVar16x32(both, own + Vector512.Create(Group)).AsInt16();
            lower += Avx512BW.MultiplyAddAdjacent(channels, lowerHalves);
        }

        var levels = ((upper << HalfBits) + lower) >> AxisWeights.Precision;
        return Avx512F.ConvertToVector128ByteWithSaturation(Vector512.Max(levels, Vector512<int>.Zero).AsUInt32());
    }

    /// <summary>Computes the same without AVX-512.</summary>
    private Vector128<byte> TwoByTwo(ref byte row, ref int start, ref short weights)
    {
        var sums = Vector256.Narrow(Two(ref row, ref start, ref weights, 0), Two(ref row, ref start, ref weights, 2));
        return Vector128.Narrow(sums.GetLower(), sums.GetUpper()).AsByte();
    }

    /// <summary>Computes two of a group's four target pixels, from <paramref name="index"/> on.</summary>
    private Vector256<int> Two(ref byte row, ref int start, ref short weights, int index)
    {
        var own = Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1) + Vector256.Create(index);
        ref var first = ref Unsafe.Add(ref row, Unsafe.Add(ref start, index));
        ref var second = ref Unsafe.Add(ref row, Unsafe.Add(ref start, index + 1));
        var (upper, lower) = (Vector256<int>.Zero, Vector256.Create(Resampling.Half));
        for (var step = 0; step < steps; step++)
        {
            var at = (nuint)(step * Taps * Resampling.Channels);
            var bytes = Vector256.Create(Vector128.LoadUnsafe(ref first, at), Vector128.LoadUnsafe(ref second, at));
            var channels = Avx2.Shuffle(bytes, Pairs).AsInt16();
            var both = Vector256.LoadUnsafe(ref weights, (nuint)(step * Kind * 2)).AsInt32();
            upper += Avx2.MultiplyAddAdjacent(channels, Avx2.PermuteVar8x32(both, own).AsInt16());
            var lowerHalves = Avx2.PermuteVar8x32(both, own + Vector256.Create(Group)).AsInt16();
            lower += Avx2.MultiplyAddAdjacent(channels, lowerHalves);
        }

        var levels = ((upper << HalfBits) + lower) >> AxisWeights.Precision;
        return Vector256.Clamp(levels, Vector256<int>.Zero, Vector256.Create((int)byte.MaxValue));
    }

    /// <summary>Returns a cleared array of at least this length.</summary>
    private static T[] Cleared<T>(T[] array, int length)
    {
        if (array.Length < length)
        {
            return new T[length];
        }

        array.AsSpan(0, length).Clear();
        return array;
    }
}
