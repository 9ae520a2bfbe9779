using System.Numerics.Tensors;
using Worker.Models;

namespace Worker.Imaging;

/// <summary>
/// The filter weights of one axis: the source pixels and weights of each kept target pixel, as Pillow computes them,
/// rounded to 22 fractional bits as Pillow does for 8-bit images. Recomputed for each image, in arrays that only grow.
/// </summary>
internal sealed class AxisWeights
{
    /// <summary>Fractional bits of a weight.</summary>
    public const int Precision = 22;

    // The contributions of a pixel's nearest and next-nearest neighbours to its slope.
    private const double Near = 11.0 / 16;
    private const double Far = -3.0 / 32;
    private const int Reach = 2;

    private double[] curve = [];
    private double[] folded = [];
    private int[] lengths = [];

    /// <summary>Kept target pixels.</summary>
    public int Count { get; private set; }

    /// <summary>Source pixels of each target pixel, at least 1; some may have a weight of 0.</summary>
    public int Taps { get; private set; }

    /// <summary>First source pixel of each target pixel, in ascending order.</summary>
    public int[] Starts { get; private set; } = [];

    /// <summary><see cref="Taps"/> weights for each target pixel.</summary>
    public int[] Weights { get; private set; } = [];

    /// <summary>The first source pixel in use.</summary>
    public int First => Starts[0];

    /// <summary>One past the last source pixel in use.</summary>
    public int End => Starts[Count - 1] + Taps;

    /// <summary>
    /// Computes the weights to resize <paramref name="source"/> pixels to <paramref name="target"/>, of which
    /// <paramref name="count"/> from <paramref name="first"/> on are kept. If mirrored, source and kept target pixels
    /// count from the far end. If the decoder averages every <paramref name="shrink"/> source pixels (at most half the
    /// reduction), starts count decoded pixels, and the weights are adjusted to give the same result.
    /// </summary>
    public void Prepare(
        int source,
        int target,
        int first,
        int count,
        bool mirrored,
        int shrink = 1,
        Interpolation interpolation = Interpolation.BilinearAntialias)
    {
        var filter = ResizeFilter.Of(interpolation);
        var scale = (double)source / target;
        var reduction = filter.HasAntialias ? Math.Max(scale, 1.0) : 1.0;
        var support = filter.Support * reduction;
        var isNearest = filter.Support == 0;
        Count = count;
        Taps = ((int)Math.Ceiling(support) * 2) + 1 + (shrink > 1 ? 2 * Reach : 0);
        Starts = Grown(Starts, count);
        lengths = Grown(lengths, count);
        Weights = Grown(Weights, count * Taps);
        curve = Grown(curve, Taps);
        for (var i = 0; i < count; i++)
        {
            var centre = (first + i + 0.5) * scale;
            var start = isNearest ? Math.Min((int)centre, source - 1) : Math.Max((int)(centre - support + 0.5), 0);
            var length = isNearest ? 1 : Math.Min((int)(centre + support + 0.5), source) - start;
            var slot = mirrored ? count - 1 - i : i;
            Starts[slot] = mirrored ? source - start - length : start;
            lengths[slot] = length;
            Fill(Weights.AsSpan(slot * Taps, Taps), start, length, centre, filter, 1.0 / reduction, mirrored);
        }

        if (shrink > 1)
        {
            Fold(shrink, source / shrink);
        }

        Even(source / shrink);
    }

    /// <summary>
    /// Converts weights of stored pixels to weights of decoded pixels. Each stored pixel is interpolated on a slope
    /// through its decoded pixel, which keeps the mean. The slope comes from the surrounding decoded pixels and is
    /// exact for cubics at a reduction of 2, so each weight contributes to five decoded pixels.
    /// </summary>
    private void Fold(int shrink, int decoded)
    {
        folded = Grown(folded, Taps);
        for (var i = 0; i < Count; i++)
        {
            var weights = Weights.AsSpan(i * Taps, Taps);
            var (start, end) = (Starts[i], Starts[i] + lengths[i]);
            var first = Math.Clamp((start / shrink) - Reach, 0, decoded - 1);
            var last = Math.Min(((end - 1) / shrink) + Reach, decoded - 1);
            var sums = folded.AsSpan(0, last - first + 1);
            sums.Clear();
            for (var x = start; x < end; x++)
            {
                var weight = weights[x - start];
                var own = x / shrink;
                var slope = weight * ((((x % shrink) + 0.5) / shrink) - 0.5);
                sums[Math.Clamp(own, first, last) - first] += weight;
                sums[Math.Clamp(own - 1, first, last) - first] -= slope * Near;
                sums[Math.Clamp(own + 1, first, last) - first] += slope * Near;
                sums[Math.Clamp(own - Reach, first, last) - first] -= slope * Far;
                sums[Math.Clamp(own + Reach, first, last) - first] += slope * Far;
            }

            weights.Clear();
            for (var x = 0; x < sums.Length; x++)
            {
                weights[x] = (int)Math.Round(sums[x]);
            }

            Starts[i] = first;
            lengths[i] = sums.Length;
        }
    }

    /// <summary>
    /// Pads every target pixel to the largest number of source pixels, since a loop of varying length costs more than
    /// weights of 0. No range extends past <paramref name="source"/> pixels.
    /// </summary>
    private void Even(int source)
    {
        var most = Taps;
        Taps = TensorPrimitives.Max<int>(lengths.AsSpan(0, Count));
        for (var i = 0; i < Count; i++)
        {
            var late = Math.Max(Starts[i] + Taps - source, 0);
            var weights = Weights.AsSpan(i * Taps, Taps);
            Weights.AsSpan(i * most, lengths[i]).CopyTo(weights[late..]);
            weights[..late].Clear();
            weights[(late + lengths[i])..].Clear();
            Starts[i] -= late;
        }
    }

    private void Fill(
        Span<int> weights,
        int start,
        int length,
        double centre,
        ResizeFilter filter,
        double inverseReduction,
        bool mirrored)
    {
        var sum = 0.0;
        for (var x = 0; x < length; x++)
        {
            // Keep the order of Pillow's operations, so that weights round the same way.
            curve[x] = filter.Weight((x + start - centre + 0.5) * inverseReduction);
            sum += curve[x];
        }

        weights.Clear();
        for (var x = 0; x < length; x++)
        {
            var share = sum == 0.0 ? curve[x] : curve[x] / sum;
            weights[mirrored ? length - 1 - x : x] = (int)((share < 0 ? -0.5 : 0.5) + (share * (1 << Precision)));
        }
    }

    private static T[] Grown<T>(T[] array, int length) => array.Length >= length ? array : new T[length];
}
