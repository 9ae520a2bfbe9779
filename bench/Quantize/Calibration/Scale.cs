using Onnx;
using Quantize.Rewriting;
using Worker.Models;

namespace Quantize.Calibration;

/// <summary>What the 256 values of a byte stand for: <c>(byte - Zero) · Step</c>.</summary>
/// <param name="Step">Above 0.</param>
/// <param name="Zero">The byte that stands for 0.</param>
public readonly record struct Scale(float Step, byte Zero)
{
    /// <summary>From <paramref name="lowest"/>, at most 0, to <paramref name="highest"/>, above 0.</summary>
    public static Scale Between(float lowest, float highest)
    {
        var step = (highest - lowest) / byte.MaxValue;
        return new Scale(step, (byte)Math.Round(-lowest / step));
    }

    /// <summary>Of every tensor of <paramref name="plan"/> that has 8 bits, by what <paramref name="pictures"/> make of them.</summary>
    internal static Dictionary<string, Scale> OfAll(
        ModelProto model, Plan plan, Preprocessing preprocessing, IEnumerable<float[]> pictures)
    {
        var histograms = plan.Activations.ToDictionary(tensor => tensor, _ => new Histogram());
        Observation.Each(model, plan.Activations, pictures, (tensor, _, values) => histograms[tensor].Add(values));
        var limits = histograms.ToDictionary(pair => pair.Key, pair => pair.Value.Limit());
        // These only move bytes about where their tensors have one scale.
        foreach (var mover in plan.Movers)
        {
            var limit = mover.Input.Max(tensor => limits[tensor]);
            foreach (var tensor in mover.Input.Append(mover.Output[0]))
            {
                limits[tensor] = limit;
            }
        }

        var scales = limits.ToDictionary(pair => pair.Key, pair => Between(0, pair.Value));
        scales[plan.Input] = OfPixels(preprocessing);
        return scales;
    }

    /// <summary>Pixels are 0 … 1 before they are normalised.</summary>
    private static Scale OfPixels(Preprocessing model) => Between(
        model.Mean.Zip(model.Std, (mean, std) => -mean / std).Min(),
        model.Mean.Zip(model.Std, (mean, std) => (1 - mean) / std).Max());
}
