using System.Numerics.Tensors;
using Protocol.Core;

namespace Worker.Inference;

/// <summary>From logits to the most probable classes.</summary>
internal static class TopClasses
{
    /// <summary>How many a result names.</summary>
    public const int Count = 5;

    /// <summary>
    /// Softmax of <paramref name="logits"/>, in place, and its highest <see cref="Count"/> values with their labels,
    /// highest first; of equal ones the lower index first.
    /// </summary>
    public static Prediction[] Of(Span<float> logits, IReadOnlyList<string> labels)
    {
        TensorPrimitives.SoftMax(logits, logits);
        Span<int> best = stackalloc int[Math.Min(Count, logits.Length)];
        var found = 0;
        for (var i = 0; i < logits.Length; i++)
        {
            if (found == best.Length && logits[i] <= logits[best[^1]])
            {
                continue;
            }

            var at = found < best.Length ? found++ : found - 1;
            for (; at > 0 && logits[i] > logits[best[at - 1]]; at--)
            {
                best[at] = best[at - 1];
            }

            best[at] = i;
        }

        var predictions = new Prediction[found];
        for (var i = 0; i < found; i++)
        {
            predictions[i] = new Prediction(labels[best[i]], logits[best[i]]);
        }

        return predictions;
    }
}
