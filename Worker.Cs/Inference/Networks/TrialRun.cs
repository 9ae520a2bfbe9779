using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Worker.Models;
using Worker.Models.Onnx;

namespace Worker.Inference;

/// <summary>
/// Runs a network once on random input to find its output's actual shape and kind of values.
/// </summary>
internal static class TrialRun
{
    // More than the error of a softmax in half precision.
    private const float Rounding = 0.01f;

    /// <summary>
    /// Returns the output; fails if its values contradict the manifest, or there are not as many as
    /// <paramref name="labels"/>.
    /// </summary>
    public static Outcome<NetworkOutput> Run(
        InferenceSession session, NetworkInput input, string output, string? activation, OutputSpec spec, int labels)
    {
        using var tensor = new InputTensor(input);
        var random = new Random(1);
        var model = input.Preprocessing;
        for (var i = 0; i < tensor.Planes.Length; i++)
        {
            var colour = i / (model.Width * model.Height);
            tensor.Planes[i] = (random.NextSingle() - model.Mean[colour]) / model.Std[colour];
        }

        tensor.Commit();
        using var options = new RunOptions();
        using var results = session.Run(options, [input.Name], [tensor.Value], [output]);
        var info = results[0].GetTensorTypeAndShape();
        if (info.ElementDataType is not (TensorElementType.Float or TensorElementType.Float16))
        {
            return Fail(
                $"the output {output} has values of type {info.ElementDataType}; "
                + "only float32 and float16 are served");
        }

        var isHalf = info.ElementDataType == TensorElementType.Float16;
        var values = Values(results[0]);
        var offset = Math.Max(0, spec.LabelOffset);
        if (values.Length != labels + offset)
        {
            return Fail(CountMismatch(values.Length, labels, offset, info.Shape));
        }

        var kind = spec.Kind ?? Guess(values, activation);
        return Contradiction(kind, values, activation) is { } error
            ? Fail(error)
            : new Outcome<NetworkOutput>.Ok(
                new NetworkOutput(output, info.Shape, isHalf, kind, NeedsSigmoid(kind, values, activation)));
    }

    /// <summary>Returns a float32 or float16 tensor's values as float32.</summary>
    public static float[] Values(OrtValue value)
    {
        if (value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float)
        {
            return value.GetTensorDataAsSpan<float>().ToArray();
        }

        var halves = MemoryMarshal.Cast<Float16, Half>(value.GetTensorDataAsSpan<Float16>());
        var values = new float[halves.Length];
        TensorPrimitives.ConvertToSingle(halves, values);
        return values;
    }

    private static OutputKind Guess(float[] values, string? activation) =>
        activation == "Sigmoid" ? OutputKind.Sigmoid
        : activation == "Softmax" || SumsToOne(values) ? OutputKind.Probabilities
        : OutputKind.Logits;

    private static string? Contradiction(OutputKind kind, float[] values, string? activation) => kind switch
    {
        OutputKind.Logits when activation == "Softmax" || SumsToOne(values) =>
            $"output.kind is logits, and the output {DescribeOutput(values, activation)}; "
            + "set output.kind to probabilities",
        OutputKind.Logits when activation == "Sigmoid" =>
            "output.kind is logits, and the graph ends in Sigmoid; set output.kind to sigmoid",
        OutputKind.Probabilities when activation == "Sigmoid" =>
            "output.kind is probabilities, and the graph ends in Sigmoid, for several labels at once; "
            + "set output.kind to sigmoid",
        OutputKind.Probabilities when !SumsToOne(values) =>
            $"output.kind is probabilities, and the output {DescribeOutput(values, activation)}; "
            + "set output.kind to logits",
        OutputKind.Sigmoid when activation == "Softmax" || SumsToOne(values) =>
            $"output.kind is sigmoid, and the output {DescribeOutput(values, activation)}; "
            + "set output.kind to probabilities",
        _ => null,
    };

    private static string DescribeOutput(float[] values, string? activation)
    {
        var (sum, lowest) = (TensorPrimitives.Sum<float>(values), TensorPrimitives.Min<float>(values));
        var ending = activation is null ? "" : $"ends in {activation}, and ";
        return $"{ending}sums to {sum:0.###}, its lowest value {lowest:0.###}";
    }

    private static string CountMismatch(int values, int labels, int offset, long[] shape)
    {
        var found = $"the output [{string.Join(',', shape)}] has {values} values, and there are {labels} labels";
        return (values - labels - offset) switch
        {
            1 => $"{found}; set output.labelOffset to {offset + 1} if the first value is a background class, "
                + "or give the labels that belong to it",
            -1 when offset == 1 => $"{found}; remove output.labelOffset 1",
            -1 => $"{found}; set output.labelOffset to -1 if the first label is a background class that the network "
                + "lacks, or give the labels that belong to it",
            _ => $"{found}{(offset == 0 ? "" : $" with output.labelOffset {offset}")}; "
                + "give the labels that belong to it, one a line",
        };
    }

    private static bool SumsToOne(float[] values) =>
        values.Length > 1
        && Math.Abs(TensorPrimitives.Sum<float>(values) - 1) < Rounding && TensorPrimitives.Min<float>(values) >= 0;

    private static bool NeedsSigmoid(OutputKind kind, float[] values, string? activation) =>
        kind == OutputKind.Sigmoid && activation != "Sigmoid" && values.Any(value => value is < 0 or > 1);

    private static Outcome<NetworkOutput>.Failed Fail(string reason) => new(reason);
}
