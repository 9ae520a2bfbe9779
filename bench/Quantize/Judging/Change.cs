using System.Numerics.Tensors;
using Micro.Fidelity;
using Onnx;
using Quantize.Calibration;

namespace Quantize.Judging;

/// <summary>The difference between two networks' answers for one picture.</summary>
/// <param name="Lead">The lead of the first network's first class.</param>
/// <param name="Kept">Whether the first class is the same.</param>
/// <param name="Distance">The largest difference of a class's probability.</param>
public readonly record struct Change(float Lead, bool Kept, float Distance)
{
    /// <summary>Whether the first class leads by so much that it should be kept.</summary>
    public bool IsSure => Lead >= FidelityGate.Lead;

    /// <summary>
    /// Returns the reason why the 8-bit network must not be used, from its answers for the given pictures; null if it
    /// is as good.
    /// </summary>
    public static string? Refusal(IReadOnlyList<Change> given)
    {
        var lost = given.Count(one => !one.Kept);
        return lost == 0
            ? null
            : $"Nothing was written: in 8 bits {lost} of the {given.Count} pictures have another first class. Calibrate with more pictures, of the kind that it will see (--images).";
    }

    /// <summary>Returns the changes for <paramref name="pictures"/>.</summary>
    internal static List<Change> Of(ModelProto model, ModelProto other, IReadOnlyList<float[]> pictures) =>
        [.. Probabilities(model, pictures).Zip(Probabilities(other, pictures), Between)];

    private static Change Between(float[] one, float[] other)
    {
        var first = TensorPrimitives.IndexOfMax<float>(one);
        return new Change(
            one[first] - one.Where((_, index) => index != first).Max(),
            TensorPrimitives.IndexOfMax<float>(other) == first,
            one.Zip(other, (a, b) => Math.Abs(a - b)).Max());
    }

    private static List<float[]> Probabilities(ModelProto model, IReadOnlyList<float[]> pictures)
    {
        var all = new List<float[]>();
        Observation.Each(model, [model.Graph.Output[0].Name], pictures, (_, _, logits) =>
        {
            var probabilities = new float[logits.Length];
            TensorPrimitives.SoftMax(logits, probabilities);
            all.Add(probabilities);
        });
        return all;
    }
}
