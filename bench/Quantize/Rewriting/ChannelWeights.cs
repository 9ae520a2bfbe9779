using System.Numerics.Tensors;

namespace Quantize.Rewriting;

/// <summary>A convolution's weights in 8 bits: <c>Values · Steps[channel]</c>, with 0 for 0.</summary>
/// <param name="Values">The values, -127 … 127, channel after channel.</param>
/// <param name="Steps">The step of each output channel, above 0.</param>
public sealed record ChannelWeights(sbyte[] Values, float[] Steps)
{
    // For a channel with only zero weights, to avoid a division by 0.
    private const float LeastStep = 1e-9f;

    /// <summary>Rounds the weights; each channel's largest becomes ±127.</summary>
    public static ChannelWeights Of(ReadOnlySpan<float> weights, int channels)
    {
        var size = weights.Length / channels;
        var (values, steps) = (new sbyte[weights.Length], new float[channels]);
        for (var channel = 0; channel < channels; channel++)
        {
            var from = weights.Slice(channel * size, size);
            var step = Math.Max(Math.Abs(TensorPrimitives.MaxMagnitude(from)) / sbyte.MaxValue, LeastStep);
            steps[channel] = step;
            for (var at = 0; at < size; at++)
            {
                values[(channel * size) + at] = (sbyte)Math.Round(from[at] / step);
            }
        }

        return new ChannelWeights(values, steps);
    }
}
