using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using Worker.Inference;

namespace Quantize.Calibration;

/// <summary>Runs a network and observes its tensors.</summary>
internal static class Observation
{
    /// <summary>Receives the values of one tensor for one picture.</summary>
    /// <param name="tensor">The tensor's name.</param>
    /// <param name="channels">The tensor's second dimension.</param>
    /// <param name="values">The values, channel after channel.</param>
    public delegate void Seen(string tensor, int channels, ReadOnlySpan<float> values);

    /// <summary>
    /// Observes each of <paramref name="tensors"/>, of shape <c>[1,channels,…]</c>, for each of
    /// <paramref name="pictures"/>.
    /// </summary>
    public static void Each(ModelProto model, IReadOnlyList<string> tensors, IEnumerable<float[]> pictures, Seen seen)
    {
        var wide = model.Clone();
        var inner = tensors.Except(wide.Graph.Output.Select(output => output.Name));
        wide.Graph.Output.AddRange(inner.Select(name => new ValueInfoProto { Name = name }).ToList());
        using var options = Network.Options();
        using var session = new InferenceSession(wide.ToByteArray(), options);
        using var run = new RunOptions();
        var (name, port) = session.InputMetadata.Single();
        long[] shape = [.. port.Dimensions.Select(size => Math.Max(1L, size))];
        foreach (var picture in pictures)
        {
            using var input = OrtValue.CreateTensorValueFromMemory(picture, shape);
            using var outputs = session.Run(run, [name], [input], tensors);
            for (var at = 0; at < tensors.Count; at++)
            {
                seen(tensors[at], (int)outputs[at].GetTensorTypeAndShape().Shape[1], outputs[at].GetTensorDataAsSpan<float>());
            }
        }
    }

    /// <summary>Returns the mean of each channel of each tensor over all pictures.</summary>
    public static Dictionary<string, double[]> Means(ModelProto model, IReadOnlyList<string> tensors, IReadOnlyList<float[]> pictures)
    {
        var means = new Dictionary<string, double[]>();
        Each(model, tensors, pictures, (tensor, channels, values) =>
        {
            means.TryAdd(tensor, new double[channels]);
            var size = values.Length / channels;
            for (var channel = 0; channel < channels; channel++)
            {
                var sum = 0.0;
                foreach (var value in values.Slice(channel * size, size))
                {
                    sum += value;
                }

                means[tensor][channel] += sum / size / pictures.Count;
            }
        });
        return means;
    }
}
