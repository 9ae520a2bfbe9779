using NetVips;

namespace Micro.Fidelity;

/// <summary>One picture of the gate, made in memory.</summary>
/// <param name="Name">What it was made of, and how.</param>
/// <param name="File">Its bytes.</param>
public sealed record Variant(string Name, byte[] File)
{
    private static readonly int[] ShortSides = [200, 300, 400, 520, 600, 680, 790, 1000, 1250, 1700, 2300];

    // Short side over long side of what is cut out, and whether it stands.
    private static readonly (string Name, double Width, double Height)[] Cuts =
        [("whole", 1, 1), ("tall", 0.62, 1), ("broad", 1, 0.6), ("close", 0.8, 0.8)];

    /// <summary>
    /// Number <paramref name="index"/> of the pictures made of one: neighbours differ in size, cut and encoding alike.
    /// What is enlarged gets a camera's grain, so that there is detail at every size.
    /// </summary>
    public static Variant Make(string source, Image picture, int index)
    {
        var side = ShortSides[index % ShortSides.Length];
        var cut = Cuts[index / 2 % Cuts.Length];
        var encoding = Encoding.All[index % Encoding.All.Count];
        using var part = Cut(picture, cut.Width, cut.Height);
        var scale = (double)side / Math.Min(part.Width, part.Height);
        using var sized = part.Resize(scale, kernel: Enums.Kernel.Lanczos3);
        using var grained = scale > 1 ? Grain(sized, index) : sized.Copy();
        using var bytes = grained.Cast(Enums.BandFormat.Uchar);
        using var tagged = bytes.Copy(interpretation: Enums.Interpretation.Srgb);
        return new Variant(
            $"{source} {cut.Name} {tagged.Width} x {tagged.Height} {encoding.Name}", encoding.Encode(tagged));
    }

    private static Image Cut(Image picture, double width, double height)
    {
        var (w, h) = ((int)(picture.Width * width), (int)(picture.Height * height));
        return picture.Crop((picture.Width - w) / 2, (picture.Height - h) / 2, w, h);
    }

    private static Image Grain(Image image, int seed)
    {
        using var noise = Image.Gaussnoise(image.Width, image.Height, sigma: 6, mean: 0, seed: seed);
        return image + noise;
    }
}
