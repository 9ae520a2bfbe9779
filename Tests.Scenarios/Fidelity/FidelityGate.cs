using System.Numerics.Tensors;
using NetVips;
using Scenarios.Nodes;
using Worker.Imaging;

namespace Scenarios.Fidelity;

/// <summary>The result of the worker's preprocessing for one picture, decoded at a reduced size or whole.</summary>
/// <param name="Name">The picture's name.</param>
/// <param name="Lead">The lead of Pillow's first class.</param>
/// <param name="Agrees">Whether the first class is the same.</param>
/// <param name="Distance">The largest difference of a class's probability; 0 if the picture was decoded whole.</param>
public readonly record struct FidelityResult(string Name, float Lead, bool Agrees, float Distance)
{
    /// <summary>Whether a first class that leads by 0.05 is kept, and every probability is within 0.02.</summary>
    public bool Holds => (Agrees || Lead < FidelityGate.Lead) && Distance <= FidelityGate.Distance;
}

/// <summary>
/// Compares the worker's preprocessing with Pillow's: full decode, and a resize that rounds to 8 bits after each pass.
/// Pictures that the worker decodes whole are resized exactly so.
/// </summary>
public static class FidelityGate
{
    /// <summary>The lead over the second class from which a first class is sure.</summary>
    public const float Lead = 0.05f;

    /// <summary>The maximum difference of a probability.</summary>
    public const float Distance = 0.02f;

    /// <summary>
    /// Compares <paramref name="each"/> variants of every photograph beside the repository and of every sample, lazily.
    /// Seed 0 is the set by which the reduction was chosen; any other seed gives an independent random set.
    /// </summary>
    public static IEnumerable<FidelityResult> Run(Probe probe, int each, int seed = 0) =>
        Variants(Sources(), each, seed).Select(variant => Judge(probe, variant));

    /// <summary>
    /// Returns <paramref name="each"/> variants of every path in <paramref name="pictures"/>; the seed is that of
    /// <see cref="Run"/>.
    /// </summary>
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

    /// <summary>Returns the paths of every photograph beside the repository, if any, and of every sample.</summary>
    internal static string[] Sources() =>
    [
        .. Directory.Exists(Tree.Photographs)
            ? Directory.GetFiles(Tree.Photographs).Where(path => Path.GetExtension(path) is ".jpg" or ".webp").Order()
            : Enumerable.Empty<string>(),
        .. Directory.GetFiles(Tree.Samples, "*.png").Order(),
    ];

    private static FidelityResult Judge(Probe probe, Variant variant)
    {
        var pillow = See(probe, variant, ResizeMode.Pillow);
        var fast = See(probe, variant, ResizeMode.Faithful);
        var first = TensorPrimitives.IndexOfMax<float>(pillow);
        var lead = pillow[first] - pillow.Where((_, index) => index != first).Max();
        var distance = pillow.Zip(fast, (a, b) => Math.Abs(a - b)).Max();
        return new FidelityResult(variant.Name, lead, TensorPrimitives.IndexOfMax<float>(fast) == first, distance);
    }

    private static float[] See(Probe probe, Variant variant, ResizeMode precision)
    {
        probe.Preprocess(variant.File, precision);
        return probe.Probabilities();
    }
}
