using System.Numerics.Tensors;

namespace Quantize.Calibration;

/// <summary>A histogram of the values of a tensor that has none below 0.</summary>
public sealed class Histogram
{
    private const int Bins = 4096;

    // Cutting off more than this was never best.
    private const double LeastShare = .3;
    private const double Step = .02;

    private readonly long[] counts = new long[Bins];
    private float top = 1;

    /// <summary>The highest value so far.</summary>
    public float Highest { get; private set; }

    /// <summary>Adds <paramref name="values"/>, at least one, none below 0.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        Highest = Math.Max(Highest, TensorPrimitives.Max(values));
        while (Highest > top)
        {
            Widen();
        }

        var scale = (Bins - 1) / top;
        foreach (var value in values)
        {
            counts[(int)(value * scale)]++;
        }
    }

    /// <summary>
    /// Returns the value of the highest of 256 evenly spaced steps from 0; values above it are cut off. Minimizes the
    /// squared error of all values together. Returns 1 if all are 0.
    /// </summary>
    public float Limit()
    {
        var (least, best) = (double.MaxValue, Highest > 0 ? Highest : 1);
        for (var share = 1.0; share >= LeastShare && Highest > 0; share -= Step)
        {
            var error = Error(Highest * share);
            if (error < least)
            {
                (least, best) = (error, (float)(Highest * share));
            }
        }

        return best;
    }

    private double Error(double limit)
    {
        var (step, error) = (limit / byte.MaxValue, 0.0);
        for (var bin = 1; bin < Bins; bin++)
        {
            var value = (bin + .5) * top / (Bins - 1);
            var apart = value - (Math.Min(byte.MaxValue, Math.Round(value / step)) * step);
            error += counts[bin] * apart * apart;
        }

        return error;
    }

    private void Widen()
    {
        top *= 2;
        for (var bin = 0; bin < Bins; bin++)
        {
            counts[bin] = bin < Bins / 2 ? counts[2 * bin] + counts[(2 * bin) + 1] : 0;
        }
    }
}
