using System.Numerics.Tensors;
using Bench.Nodes;
using NetVips;
using Worker.Imaging;

namespace Micro.Fidelity;

/// <summary>What the worker's way made of one picture that it decodes at a reduced size, or of one that it decodes whole.</summary>
/// <param name="Name">The picture's.</param>
/// <param name="Lead">By how much the exact path's first class leads.</param>
/// <param name="Agrees">The first class is the same.</param>
/// <param name="Distance">The largest difference of a class's probability; 0 where it was decoded whole.</param>
/// <param name="FromPillow">The same, from what Pillow's resize of the full picture comes to, which rounds to 8 bits twice.</param>
/// <param name="Rounding">What that rounding alone does: Pillow's from the exact one.</param>
public readonly record struct FidelityResult(string Name, float Lead, bool Agrees, float Distance, float FromPillow, float Rounding)
{
    /// <summary>A first class that leads by 0.05 is kept, and every probability is within 0.02.</summary>
    public bool Holds => (Agrees || Lead < FidelityGate.Lead) && Distance <= FidelityGate.Distance;
}

/// <summary>
/// Compares the worker's preprocessing over pictures made for it with the exact one: full decode, and the resize in
/// float32. What the worker decodes whole, it resizes as Pillow does: there is nothing to compare.
/// </summary>
public static class FidelityGate
{
    /// <summary>A first class with this much before the second is sure.</summary>
    public const float Lead = 0.05f;

    /// <summary>How far a probability may move.</summary>
    public const float Distance = 0.02f;

    /// <summary>
    /// <paramref name="each"/> pictures made of every photograph beside the repository and every sample; lazily, one by one.
    /// Seed 0: the set by which the reduction was chosen; another: a set by lot, which had no say in that.
    /// </summary>
    public static IEnumerable<FidelityResult> Run(Probe probe, int each, int seed = 0) =>
        Variants(Sources(), each, seed).Select(variant => Judge(probe, variant));

    /// <summary><paramref name="each"/> made of every one of <paramref name="pictures"/>, paths; as for <see cref="Run"/>.</summary>
    internal static IEnumerable<Variant> Variants(IEnumerable<string> pictures, int each, int seed)
    {
        var lot = new Random(seed);
        foreach (var (path, nth) in pictures.Select((path, nth) => (path, nth)))
        {
            using var image = Image.NewFromFile(path);
            using var opaque = image.HasAlpha() ? image.Flatten([255, 255, 255]) : image.Copy();
            using var held = opaque.CopyMemory();
            for (var i = 0; i < each; i++)
            {
                var recipe = seed == 0 ? Recipe.Chosen((nth * 5) + i) : Recipe.Drawn(lot);
                yield return Variant.Make(Path.GetFileName(path), held, recipe);
            }
        }
    }

    /// <summary>Paths of every photograph beside the repository, where there are any, and every sample.</summary>
    internal static string[] Sources() =>
    [
        .. Directory.Exists(Tree.Photographs)
            ? Directory.GetFiles(Tree.Photographs, "*.jpg").Concat(Directory.GetFiles(Tree.Photographs, "*.webp")).Order()
            : Enumerable.Empty<string>(),
        .. Directory.GetFiles(Tree.Samples, "*.png").Order(),
    ];

    private static FidelityResult Judge(Probe probe, Variant variant)
    {
        var (pillowTensor, pillow) = See(probe, variant, ResizeMode.Pillow);
        var (fastTensor, fast) = See(probe, variant, ResizeMode.Faithful);
        var isWhole = fastTensor.AsSpan().SequenceEqual(pillowTensor);
        var exact = isWhole ? pillow : See(probe, variant, ResizeMode.Exact).Probabilities;
        var first = TensorPrimitives.IndexOfMax<float>(exact);
        var lead = exact[first] - exact.Where((_, index) => index != first).Max();
        return new FidelityResult(
            variant.Name, lead, TensorPrimitives.IndexOfMax<float>(fast) == first, Apart(fast, exact), Apart(fast, pillow), Apart(pillow, exact));
    }

    private static (float[] Tensor, float[] Probabilities) See(Probe probe, Variant variant, ResizeMode precision)
    {
        probe.Preprocess(variant.File, precision);
        return ([.. probe.Tensor], probe.Probabilities());
    }

    private static float Apart(float[] one, float[] other) => one.Zip(other, (a, b) => Math.Abs(a - b)).Max();
}
