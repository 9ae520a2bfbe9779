using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Worker.Imaging;

/// <summary>
/// The two passes of the resize, each rounding to 8 bits as Pillow's do. A row is RGB, 3 bytes a pixel; the rows
/// handed in are followed by <see cref="Padding"/> bytes that may be read or written and mean nothing.
/// </summary>
internal static class Resampling
{
    /// <summary>Bytes behind a row's last pixel.</summary>
    public const int Padding = 64;

    /// <summary>Bytes a pixel.</summary>
    public const int Channels = 3;

    private const int Half = 1 << (AxisWeights.Precision - 1);

    /// <summary>The length of a row's buffer for this many pixels, with the padding.</summary>
    public static int Stride(int pixels) => (pixels * Channels) + Padding;

    /// <summary>
    /// Along a row: from the source pixels from <c>axis.First</c> on to <c>axis.Count</c> target pixels.
    /// <paramref name="packed"/> holds the same weights, or is null to do without AVX2.
    /// </summary>
    public static void Along(AxisWeights axis, PackedWeights? packed, ReadOnlySpan<byte> row, Span<byte> target) =>
        Along<Bytes>(axis, packed, row, target);

    /// <summary>The same, with pixels stored as <typeparamref name="TPixel"/> does it.</summary>
    public static void Along<TPixel>(AxisWeights axis, PackedWeights? packed, ReadOnlySpan<byte> row, Span<byte> target)
        where TPixel : struct, IPixel
    {
        Require(row.Length >= Stride(axis.End - axis.First) && target.Length >= Stride(axis.Count) * TPixel.Size);
        ref var source = ref Unsafe.AsRef(in row[0]);
        if (packed is not null)
        {
            packed.Along<TPixel>(axis, ref source, ref target[0]);
            return;
        }

        for (var i = 0; i < axis.Count; i++)
        {
            ref var pixel = ref Unsafe.Add(ref source, (axis.Starts[i] - axis.First) * Channels);
            var sum = Vector128<int>.Zero;
            foreach (var weight in axis.Weights.AsSpan(i * axis.Taps, axis.Lengths[i]))
            {
                // One pixel and a byte of the next, a lane each; the fourth lane is dropped in the end.
                var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte();
                sum += Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32() * weight;
                pixel = ref Unsafe.Add(ref pixel, Channels);
            }

            TPixel.Store(sum, ref target[0], i);
        }
    }

    /// <summary>
    /// Across rows: target row <paramref name="index"/> from its source rows, which lie in <paramref name="ring"/>,
    /// row y at slot y modulo <paramref name="slots"/>, <paramref name="stride"/> bytes a slot.
    /// </summary>
    public static void Across(
        AxisWeights axis, int index, ReadOnlySpan<byte> ring, int slots, int stride, int length, Span<byte> target)
    {
        Require(ring.Length >= slots * stride && axis.Taps <= slots
            && length + Padding <= stride && target.Length >= length + Padding);
        ref var source = ref Unsafe.AsRef(in ring[0]);
        var weights = axis.Weights.AsSpan(index * axis.Taps, axis.Lengths[index]);
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

            var lower = Vector128.Narrow(a >> AxisWeights.Precision, b >> AxisWeights.Precision);
            var upper = Vector128.Narrow(c >> AxisWeights.Precision, d >> AxisWeights.Precision);
            Vector128.Narrow(Clamped(lower), Clamped(upper)).AsByte().CopyTo(target[at..]);
        }
    }

    /// <summary>How a pixel's three sums, of <see cref="AxisWeights.Precision"/> fractional bits, are kept.</summary>
    internal interface IPixel
    {
        /// <summary>Bytes of a channel.</summary>
        static abstract int Size { get; }

        /// <summary>
        /// The first three of <paramref name="sums"/> to pixel <paramref name="index"/>; pixels are stored from the first to the last.
        /// </summary>
        static abstract void Store(Vector128<int> sums, ref byte target, int index);
    }

    /// <summary>Weights below 0, which a folded filter has, may lead out of a byte's range.</summary>
    private static Vector128<short> Clamped(Vector128<short> values) =>
        Vector128.Min(Vector128.Max(values, Vector128<short>.Zero), Vector128.Create((short)255));

    internal static void Require(bool fits)
    {
        if (!fits)
        {
            throw new ArgumentException("a row's buffer is too short");
        }
    }

    /// <summary>Rounded to 8 bits.</summary>
    private readonly struct Bytes : IPixel
    {
        public static int Size => sizeof(byte);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Vector128<int> sums, ref byte target, int index)
        {
            var channels = (sums + Vector128.Create(Half)) >> AxisWeights.Precision;
            var packed = Vector128.Narrow(Clamped(Vector128.Narrow(channels, channels)), Vector128<short>.Zero);
            // The fourth byte is the next pixel's first, which is stored right after this one.
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, index * Channels), packed.AsUInt32().ToScalar());
        }
    }
}
