using Protocol.Core;

namespace Worker.Inference;

/// <summary>Selects the most probable classes.</summary>
internal static class TopClasses
{
    /// <summary>
    /// Returns the <paramref name="count"/> highest probabilities with their labels, highest first; among equal values,
    /// the lower index first.
    /// </summary>
    public static RecognizedClass[] Of(ReadOnlySpan<float> probabilities, IReadOnlyList<string> labels, int count)
    {
        var best = new int[Math.Min(count, probabilities.Length)];
        var found = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (found == best.Length && probabilities[i] <= probabilities[best[^1]])
            {
                continue;
            }

            var at = found < best.Length ? found++ : found - 1;
            for (; at > 0 && probabilities[i] > probabilities[best[at - 1]]; at--)
            {
                best[at] = best[at - 1];
            }

            best[at] = i;
        }

        var classes = new RecognizedClass[found];
        for (var i = 0; i < found; i++)
        {
            classes[i] = new RecognizedClass(best[i], labels[best[i]], probabilities[best[i]]);
        }

        return classes;
    }
}
