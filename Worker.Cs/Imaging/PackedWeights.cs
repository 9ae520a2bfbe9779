using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Worker.Imaging;

/// <summary>
/// The pass along a row for processors with AVX2, four source pixels a step, and its weights: each 22-bit weight as
/// two halves of 11 bits, since the processor multiplies 16-bit numbers and adds pairs of them in one go. The result is
/// that of <see cref="Resampling"/>'s own pass to the bit.
/// </summary>
internal sealed class PackedWeights
{
    private const int Step = 4;
    private const int HalfBits = AxisWeights.Precision / 2;
    private const int HalfMask = (1 << HalfBits) - 1;

    // For each step: the upper halves of four weights, then their lower halves.
    private short[] halves = [];
    private int stepsPerPixel;

    /// <summary>Whether <see cref="Along"/> can run here.</summary>
    public static bool Supported => Avx2.IsSupported;

    /// <summary>Takes over the weights of <paramref name="axis"/>.</summary>
    public void Prepare(AxisWeights axis)
    {
        stepsPerPixel = (axis.Taps + Step - 1) / Step;
        var length = axis.Count * stepsPerPixel * Step * 2;
        if (halves.Length < length)
        {
            halves = new short[length];
        }

        halves.AsSpan(0, length).Clear();
        for (var i = 0; i < axis.Count; i++)
        {
            for (var x = 0; x < axis.Lengths[i]; x++)
            {
                var weight = axis.Weights[(i * axis.Taps) + x];
                var at = (((i * stepsPerPixel) + (x / Step)) * Step * 2) + (x % Step);
                halves[at] = (short)(weight >> HalfBits);
                halves[at + Step] = (short)(weight & HalfMask);
            }
        }
    }

    /// <summary>As <see cref="Resampling.Along{TPixel}"/>, which has checked the lengths.</summary>
    public void Along<TPixel>(AxisWeights axis, ref byte row, ref byte target)
        where TPixel : struct, Resampling.IPixel
    {
        // Two pixels a lane, their like channels side by side in 16 bits each.
        var pairs = Vector256.Create(
            (byte)0, 128, 3, 128, 1, 128, 4, 128, 2, 128, 5, 128, 128, 128, 128, 128,
            6, 128, 9, 128, 7, 128, 10, 128, 8, 128, 11, 128, 128, 128, 128, 128);
        var uppers = Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1);
        var lowers = Vector256.Create(2, 2, 2, 2, 3, 3, 3, 3);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(halves);
        for (var i = 0; i < axis.Count; i++)
        {
            ref var pixel = ref Unsafe.Add(ref row, (axis.Starts[i] - axis.First) * Resampling.Channels);
            ref var step = ref Unsafe.Add(ref weights, i * stepsPerPixel * Step * 2);
            var upper = Vector256<int>.Zero;
            var lower = Vector256<int>.Zero;
            for (var left = axis.Lengths[i]; left > 0; left -= Step)
            {
                var bytes = Vector128.LoadUnsafe(ref pixel);
                var channels = Avx2.Shuffle(Vector256.Create(bytes, bytes), pairs).AsInt16();
                var four = Vector128.LoadUnsafe(ref step).AsInt32().ToVector256Unsafe();
                upper += Avx2.MultiplyAddAdjacent(channels, Avx2.PermuteVar8x32(four, uppers).AsInt16());
                lower += Avx2.MultiplyAddAdjacent(channels, Avx2.PermuteVar8x32(four, lowers).AsInt16());
                pixel = ref Unsafe.Add(ref pixel, Step * Resampling.Channels);
                step = ref Unsafe.Add(ref step, Step * 2);
            }

            var both = (upper << HalfBits) + lower;
            TPixel.Store(both.GetLower() + both.GetUpper(), ref target, i);
        }
    }
}
