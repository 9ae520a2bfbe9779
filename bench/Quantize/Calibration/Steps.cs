using Onnx;
using Quantize.Rewriting;

namespace Quantize.Calibration;

/// <summary>What a byte of each tensor stands for: so many steps above 0.</summary>
internal static class Steps
{
    /// <summary>Of every tensor of <paramref name="plan"/> that has 8 bits, above 0, by what <paramref name="pictures"/> make of them.</summary>
    public static Dictionary<string, float> Of(ModelProto model, Plan plan, IEnumerable<float[]> pictures)
    {
        var histograms = plan.Activations.ToDictionary(tensor => tensor, _ => new Histogram());
        Observation.Each(model, plan.Activations, pictures, (tensor, _, values) => histograms[tensor].Add(values));
        var steps = histograms.ToDictionary(pair => pair.Key, pair => pair.Value.Limit() / byte.MaxValue);
        // These only move bytes about where their tensors have one step.
        foreach (var mover in plan.Movers)
        {
            var step = mover.Input.Max(tensor => steps[tensor]);
            foreach (var tensor in mover.Input.Append(mover.Output[0]))
            {
                steps[tensor] = step;
            }
        }

        return steps;
    }
}
