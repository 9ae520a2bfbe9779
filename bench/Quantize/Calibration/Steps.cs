using Onnx;
using Quantize.Rewriting;

namespace Quantize.Calibration;

/// <summary>Computes the quantization step of each tensor, with 0 as the zero point.</summary>
internal static class Steps
{
    /// <summary>
    /// Returns the step, above 0, of every tensor of <paramref name="plan"/> that has 8 bits, from its values for
    /// <paramref name="pictures"/>.
    /// </summary>
    public static Dictionary<string, float> Of(ModelProto model, Plan plan, IEnumerable<float[]> pictures)
    {
        var histograms = plan.Activations.ToDictionary(tensor => tensor, _ => new Histogram());
        Observation.Each(model, plan.Activations, pictures, (tensor, _, values) => histograms[tensor].Add(values));
        var steps = histograms.ToDictionary(pair => pair.Key, pair => pair.Value.Limit() / byte.MaxValue);
        // These nodes only move bytes if their tensors share one step.
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
