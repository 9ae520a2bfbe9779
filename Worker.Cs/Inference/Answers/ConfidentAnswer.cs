using Protocol.Core;

namespace Worker.Inference;

/// <summary>
/// Decides the answer: the most specific class or group whose probability reaches the confidence (Deng, Krause, Berg
/// and Fei-Fei, Hedging Your Bets, CVPR 2012).
/// </summary>
internal static class ConfidentAnswer
{
    /// <summary>
    /// Returns the node with the fewest classes whose probability is at least <paramref name="confidence"/>. Among
    /// several, returns the most probable; among equals, the innermost. <paramref name="best"/> is the most probable
    /// class, and <paramref name="sums"/> is overwritten.
    /// </summary>
    public static HedgedAnswer Choose(
        ClassTree tree, ReadOnlySpan<float> probabilities, int best, double confidence, Span<double> sums)
    {
        if (probabilities[best] >= confidence)
        {
            return Of(tree.PathToClass(best), probabilities[best]);
        }

        tree.Sum(probabilities, sums);
        var found = -1;
        for (var group = 0; group < tree.GroupCount; group++)
        {
            if (found >= 0 && tree.Size(group) > tree.Size(found))
            {
                break;
            }

            if (sums[group] >= confidence && (found < 0 || sums[group] > sums[found]))
            {
                found = group;
            }
        }

        return found < 0 ? HedgedAnswer.Unsure(probabilities[best]) : Of(tree.PathToGroup(found), sums[found]);
    }

    private static HedgedAnswer Of(ClassNode[] path, double probability) =>
        new(path[^1].Id, path[^1].Label, Math.Min(probability, 1), path);
}
