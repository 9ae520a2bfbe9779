using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Worker.Imaging;

/// <summary>
/// The two passes of the resize without rounding in between: values of 0 … 255, 3 a pixel, and the padding of
/// <see cref="Resampling"/> behind a row, in elements.
/// </summary>
internal static class ExactResampling
{
    private const float Unit = 1f / (1 << AxisWeights.Precision);

    /// <summary>As <see cref="Resampling.Along"/>.</summary>
    public static void Along(AxisWeights axis, PackedWeights? packed, ReadOnlySpan<byte> row, Span<float> target) =>
        Resampling.Along<Sums>(axis, packed, row, MemoryMarshal.AsBytes(target));

    /// <summary>
    /// Across rows: target row <paramref name="index"/> from its source rows, which lie in <paramref name="ring"/>, row y
    /// at slot y modulo the axis's taps, <paramref name="stride"/> values a slot. The weights of a reduced picture may
    /// lead out of the range, which the result does not.
    /// </summary>
    public static void Across(AxisWeights axis, int index, ReadOnlySpan<float> ring, int stride, Span<float> target)
    {
        Resampling.Require(ring.Length >= axis.Taps * stride && target.Length >= stride);
        ref var source = ref MemoryMarshal.GetReference(ring);
        var weights = axis.Weights.AsSpan(index * axis.Taps, axis.Lengths[index]);
        var firstSlot = axis.Starts[index] % axis.Taps;
        for (var at = 0; at <= stride - Vector256<float>.Count; at += Vector256<float>.Count)
        {
            var sum = Vector256<float>.Zero;
            var slot = firstSlot;
            foreach (var weight in weights)
            {
                sum += Vector256.LoadUnsafe(ref source, (nuint)((slot * stride) + at)) * (weight * Unit);
                slot = slot + 1 == axis.Taps ? 0 : slot + 1;
            }

            Vector256.Min(Vector256.Max(sum, Vector256<float>.Zero), Vector256.Create(255f)).CopyTo(target[at..]);
        }
    }

    /// <summary>A pixel's sums as float32.</summary>
    private readonly struct Sums : Resampling.IPixel
    {
        public static int Size => sizeof(float);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Vector128<int> sums, ref byte target, int index)
        {
            // The fourth value is the next pixel's first, which is stored right after this one.
            var values = Vector128.ConvertToSingle(sums) * Unit;
            values.AsByte().StoreUnsafe(ref target, (nuint)(index * Resampling.Channels * sizeof(float)));
        }
    }
}
