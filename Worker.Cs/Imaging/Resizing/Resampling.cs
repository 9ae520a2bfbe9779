using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Worker.Imaging;

/// <summary>
/// Both passes of the resize, each rounding to 8 bits as Pillow does. A row is RGB, 3 bytes a pixel, followed by
/// <see cref="Padding"/> bytes that may be read or written and have no meaning.
/// </summary>
internal static class Resampling
{
    /// <summary>Bytes after a row's last pixel.</summary>
    public const int Padding = 64;

    /// <summary>Bytes a pixel.</summary>
    public const int Channels = 3;

    // Half of the result's lowest bit, in a sum's fractional bits.
    private const int Half = 1 << (AxisWeights.Precision - 1);

    /// <summary>Returns the length of a row's buffer for this many pixels, with the padding.</summary>
    public static int Stride(int pixels) => (pixels * Channels) + Padding;

    /// <summary>
    /// Resizes along a row, from the source pixels from <c>axis.First</c> on to <c>axis.Count</c> target pixels.
    /// </summary>
    public static void Along(AxisWeights axis, ReadOnlySpan<byte> row, Span<byte> target)
    {
        Require(row.Length >= Stride(axis.End - axis.First) && target.Length >= Stride(axis.Count));
        ref var source = ref Unsafe.AsRef(in row[0]);
        for (var i = 0; i < axis.Count; i++)
        {
            ref var pixel = ref Unsafe.Add(ref source, (axis.Starts[i] - axis.First) * Channels);
            var sum = Vector128.Create(Half);
            foreach (var weight in axis.Weights.AsSpan(i * axis.Taps, axis.Taps))
            {
                // One pixel and a byte of the next, one per vector lane; the fourth lane is dropped at the end.
                var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte();
                sum += Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32() * weight;
                pixel = ref Unsafe.Add(ref pixel, Channels);
            }

            var channels = Vector128.Narrow(Level(sum), Vector128<int>.Zero);
            var four = Vector128.Narrow(channels, Vector128<short>.Zero).AsUInt32().ToScalar();
            // The fourth byte is overwritten by the next pixel, which is stored next.
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref target[0], i * Channels), four);
        }
    }

    /// <summary>
    /// Resizes across rows: computes target row <paramref name="index"/> from its source rows in
    /// <paramref name="ring"/>, row y at slot y modulo <paramref name="slots"/>, <paramref name="stride"/> bytes a
    /// slot.
    /// </summary>
    public static void Across(
        AxisWeights axis, int index, ReadOnlySpan<byte> ring, int slots, int stride, int length, Span<byte> target)
    {
        Require(ring.Length >= slots * stride && axis.Taps <= slots
            && length + Padding <= stride && target.Length >= length + Padding);
        ref var source = ref Unsafe.AsRef(in ring[0]);
        var weights = axis.Weights.AsSpan(index * axis.Taps, axis.Taps);
        var firstSlot = axis.Starts[index] % slots;
        for (var at = 0; at < length; at += Vector128<byte>.Count)
        {
            var half = Vector128.Create(Half);
            var (a, b, c, d) = (half, half, half, half);
            var slot = firstSlot;
            foreach (var weight in weights)
            {
                var bytes = Vector128.LoadUnsafe(ref source, (nuint)((slot * stride) + at));
                var (low, high) = Vector128.Widen(bytes);
                a += Vector128.WidenLower(low).AsInt32() * weight;
                b += Vector128.WidenUpper(low).AsInt32() * weight;
                c += Vector128.WidenLower(high).AsInt32() * weight;
                d += Vector128.WidenUpper(high).AsInt32() * weight;
                slot = slot + 1 == slots ? 0 : slot + 1;
            }

            var lower = Vector128.Narrow(Level(a), Level(b));
            var upper = Vector128.Narrow(Level(c), Level(d));
            Vector128.Narrow(lower, upper).AsByte().CopyTo(target[at..]);
        }
    }

    /// <summary>Returns the levels of rounded sums; a filter with negative weights may exceed 0 … 255.</summary>
    private static Vector128<int> Level(Vector128<int> sum) =>
        Vector128.Clamp(sum >> AxisWeights.Precision, Vector128<int>.Zero, Vector128.Create((int)byte.MaxValue));

    internal static void Require(bool fits)
    {
        if (!fits)
        {
            throw new ArgumentException("a row's buffer is too short");
        }
    }
}
