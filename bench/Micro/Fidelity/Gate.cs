using System.Numerics.Tensors;
using Bench.Nodes;
using NetVips;

namespace Micro.Fidelity;

/// <summary>What the fast path made of one picture.</summary>
/// <param name="Name">The picture's.</param>
/// <param name="Lead">By how much the exact path's first class leads.</param>
/// <param name="Agrees">The first class is the same.</param>
/// <param name="Distance">The largest difference of a class's probability.</param>
public readonly record struct Verdict(string Name, float Lead, bool Agrees, float Distance)
{
    /// <summary>A first class that leads by 0.05 is kept, and every probability is within 0.02.</summary>
    public bool Holds => (Agrees || Lead < Gate.Lead) && Distance <= Gate.Distance;
}

/// <summary>Compares the worker's preprocessing with the exact one over pictures made for it.</summary>
public static class Gate
{
    /// <summary>A first class with this much before the second is sure.</summary>
    public const float Lead = 0.05f;

    /// <summary>How far a probability may move.</summary>
    public const float Distance = 0.02f;

    /// <summary>
    /// <paramref name="each"/> pictures made of every photograph beside the repository and every sample; lazily, one by one.
    /// Seed 0: the set by which the reduction was chosen; another: a set by lot, which had no say in that.
    /// </summary>
    public static IEnumerable<Verdict> Run(Probe probe, int each, int seed = 0)
    {
        var lot = new Random(seed);
        foreach (var (path, nth) in Sources().Select((path, nth) => (path, nth)))
        {
            using var image = Image.NewFromFile(path);
            using var opaque = image.HasAlpha() ? image.Flatten([255, 255, 255]) : image.Copy();
            using var held = opaque.CopyMemory();
            for (var i = 0; i < each; i++)
            {
                var recipe = seed == 0 ? Recipe.Chosen((nth * 5) + i) : Recipe.Drawn(lot);
                yield return Judge(probe, Variant.Make(Path.GetFileName(path), held, recipe));
            }
        }
    }

    private static string[] Sources() =>
    [
        .. Directory.GetFiles(Tree.Photographs, "*.jpg").Concat(Directory.GetFiles(Tree.Photographs, "*.webp")).Order(),
        .. Directory.GetFiles(Tree.Samples, "*.png").Order(),
    ];

    private static Verdict Judge(Probe probe, Variant variant)
    {
        var exact = probe.Probabilities(variant.File, exactly: true);
        var fast = probe.Probabilities(variant.File, exactly: false);
        var first = TensorPrimitives.IndexOfMax<float>(exact);
        var lead = exact[first] - exact.Where((_, index) => index != first).Max();
        var apart = exact.Zip(fast, (a, b) => Math.Abs(a - b)).Max();
        return new Verdict(variant.Name, lead, TensorPrimitives.IndexOfMax<float>(fast) == first, apart);
    }
}
