using System.Numerics.Tensors;
using Protocol.Core;

namespace Worker.Inference;

/// <summary>Selects the most probable classes from logits.</summary>
internal static class TopClasses
{
    /// <summary>
    /// Applies softmax to <paramref name="logits"/> in place and returns the <paramref name="count"/> highest values
    /// with their labels, highest first; among equal values, the lower index first.
    /// </summary>
    public static RecognizedClass[] Of(Span<float> logits, IReadOnlyList<string> labels, int count)
    {
        TensorPrimitives.SoftMax(logits, logits);
        var best = new int[Math.Min(count, logits.Length)];
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

        var classes = new RecognizedClass[found];
        for (var i = 0; i < found; i++)
        {
            classes[i] = new RecognizedClass(best[i], labels[best[i]], logits[best[i]]);
        }

        return classes;
    }
}
