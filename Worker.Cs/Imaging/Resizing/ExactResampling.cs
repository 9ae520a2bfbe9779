using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Worker.Imaging;

/// <summary>
/// Both passes of the resize in float32, without rounding: first across rows, where adjacent values share a weight,
/// then along the resulting row. Values are 0 … 255, 3 a pixel.
/// </summary>
internal static class ExactResampling
{
    private const int Step = 2 * 16;

    /// <summary>Converts the weights of <paramref name="axis"/> to float32, in their order.</summary>
    public static void Weights(AxisWeights axis, Span<float> weights)
    {
        const float Unit = 1f / (1 << AxisWeights.Precision);
        var whole = axis.Weights.AsSpan(0, axis.Count * axis.Taps);
        for (var i = 0; i < whole.Length; i++)
        {
            weights[i] = whole[i] * Unit;
        }
    }

    /// <summary>
    /// Sums the source rows of a target row, one for each of <paramref name="weights"/>. <paramref name="ring"/> holds
    /// them from <paramref name="slot"/> on, <paramref name="stride"/> bytes a slot, and wraps after
    /// <paramref name="slots"/>. <paramref name="target"/> gets one value for each byte of a slot, without its padding.
    /// </summary>
    public static void Across(
        ReadOnlySpan<float> weights, ReadOnlySpan<byte> ring, int slot, int slots, int stride, Span<float> target)
    {
        var length = stride - Resampling.Padding;
        Resampling.Require(
            ring.Length >= slots * stride && slot < slots && weights.Length <= slots && target.Length >= length + Step);
        ref var source = ref MemoryMarshal.GetReference(ring);
        for (var at = 0; at < length; at += Step)
        {
            var (low, high) = (Vector512<float>.Zero, Vector512<float>.Zero);
            var (row, end) = ((slot * stride) + at, slots * stride);
            foreach (var weight in weights)
            {
                var factor = Vector512.Create(weight);
                var first = PixelPlanes.ToSingle(Vector128.LoadUnsafe(ref source, (nuint)row));
                var second = PixelPlanes.ToSingle(Vector128.LoadUnsafe(ref source, (nuint)row + 16));
                low = Vector512.FusedMultiplyAdd(first, factor, low);
                high = Vector512.FusedMultiplyAdd(second, factor, high);
                row += stride;
                row -= row >= end ? end : 0;
            }

            low.CopyTo(target[at..]);
            high.CopyTo(target[(at + Vector512<float>.Count)..]);
        }
    }

    /// <summary>
    /// Returns target pixel <paramref name="index"/> of a row: three values and an undefined fourth;
    /// <paramref name="weights"/> are the axis's.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Along(
        AxisWeights axis, int index, ReadOnlySpan<float> weights, ReadOnlySpan<float> row)
    {
        var sum = Vector128<float>.Zero;
        var pixels = row.Slice(
            (axis.Starts[index] - axis.First) * Resampling.Channels,
            ((axis.Taps - 1) * Resampling.Channels) + Vector128<float>.Count);
        ref var pixel = ref MemoryMarshal.GetReference(pixels);
        foreach (var weight in weights.Slice(index * axis.Taps, axis.Taps))
        {
            sum = Vector128.FusedMultiplyAdd(Vector128.LoadUnsafe(ref pixel), Vector128.Create(weight), sum);
            pixel = ref Unsafe.Add(ref pixel, Resampling.Channels);
        }

        return sum;
    }
}
