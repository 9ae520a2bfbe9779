using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using Quantize.Calibration;

namespace Quantize.Rewriting;

/// <summary>
/// Corrects the means of the channels through the biases. Rounded weights shift a channel's mean, and later layers
/// accumulate the shifts. One convolution is corrected after the other, since each input has the errors of those before
/// it.
/// </summary>
internal static class MeanCorrection
{
    /// <summary>
    /// Changes the biases of <paramref name="rewritten"/> so that the channels' means equal those of
    /// <paramref name="model"/>.
    /// </summary>
    public static void Apply(ModelProto rewritten, ModelProto model, Plan plan, IReadOnlyList<float[]> pictures)
    {
        var wanted = Observation.Means(model, [.. plan.Convolutions.Select(node => node.Output[0])], pictures);
        foreach (var convolution in plan.Convolutions)
        {
            var (output, bias) = (convolution.Output[0], convolution.Input[2]);
            var given = Observation.Means(rewritten, [output], pictures)[output];
            var stored = rewritten.Graph.Stored(Rewriter.Stored(bias));
            var steps = rewritten.Graph.Stored(Rewriter.Step(bias)).Values<float>();
            int[] corrected = [.. stored.Values<int>().Select((value, channel) =>
                value + (int)Math.Round((wanted[output][channel] - given[channel]) / steps[channel]))];
            stored.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<int>(corrected));
        }
    }
}
