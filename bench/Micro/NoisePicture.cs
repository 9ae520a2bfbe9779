using NetVips;

namespace Micro;

/// <summary>Coloured noise with the smoothness of a photograph.</summary>
internal static class NoisePicture
{
    private const int Side = 1000;

    /// <summary>Draws a picture of this size from a tile.</summary>
    public static Image Draw(int width, int height)
    {
        using var noise = Image.Gaussnoise(Side, Side, sigma: 60, mean: 128, seed: 1);
        using var smooth = noise.Gaussblur(2);
        using var bands = smooth.Bandjoin(smooth.Invert(), smooth.Flip(Enums.Direction.Horizontal));
        using var bytes = bands.Cast(Enums.BandFormat.Uchar);
        using var tile = bytes.Copy(interpretation: Enums.Interpretation.Srgb).CopyMemory();
        using var many = tile.Replicate((width + Side - 1) / Side, (height + Side - 1) / Side);
        return many.Crop(0, 0, width, height);
    }
}
