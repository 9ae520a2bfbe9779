using NetVips;

namespace Scenarios.Fidelity;

/// <summary>A picture of the gate, generated in memory.</summary>
/// <param name="Name">The source picture and the recipe.</param>
/// <param name="File">The file's bytes.</param>
public sealed record Variant(string Name, byte[] File)
{
    /// <summary>
    /// Applies <paramref name="recipe"/> to <paramref name="picture"/>. Enlarged pictures get a camera's grain, so that
    /// there is detail at every size.
    /// </summary>
    internal static Variant Make(string source, Image picture, Recipe recipe)
    {
        using var part = Cut(picture, recipe.Cut);
        var scale = (double)recipe.Side / Math.Min(part.Width, part.Height);
        using var sized = part.Resize(scale, kernel: Enums.Kernel.Lanczos3);
        using var grained = scale > 1 ? Grain(sized, recipe.Grain) : sized.Copy();
        using var bytes = grained.Cast(Enums.BandFormat.Uchar);
        using var tagged = bytes.Copy(interpretation: Enums.Interpretation.Srgb);
        var name = $"{source} {recipe.Cut.Name} {tagged.Width} x {tagged.Height} {recipe.Encoding.Name}";
        return new Variant(name, recipe.Encoding.Encode(tagged));
    }

    private static Image Cut(Image picture, Cut cut)
    {
        var (w, h) = ((int)(picture.Width * cut.Width), (int)(picture.Height * cut.Height));
        return picture.Crop((int)((picture.Width - w) * cut.Left), (int)((picture.Height - h) * cut.Top), w, h);
    }

    private static Image Grain(Image image, int seed)
    {
        using var noise = Image.Gaussnoise(image.Width, image.Height, sigma: 6, mean: 0, seed: seed);
        return image + noise;
    }
}
