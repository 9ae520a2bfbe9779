using System.Globalization;

namespace Scenarios.Fidelity;

/// <summary>A part of a picture.</summary>
/// <param name="Name">The name in tables.</param>
/// <param name="Width">The share of the whole width, above 0 and up to 1.</param>
/// <param name="Height">The share of the whole height, above 0 and up to 1.</param>
/// <param name="Left">The position: 0 cuts nothing off on the left, 1 nothing on the right.</param>
/// <param name="Top">The position: 0 cuts nothing off at the top, 1 nothing at the bottom.</param>
internal readonly record struct Cut(string Name, double Width, double Height, double Left = 0.5, double Top = 0.5);

/// <summary>The recipe for a picture of the gate.</summary>
/// <param name="Side">The shorter side in pixels.</param>
/// <param name="Cut">The part to use.</param>
/// <param name="Encoding">The encoding of the file.</param>
/// <param name="Grain">The noise's seed.</param>
internal sealed record Recipe(int Side, Cut Cut, Encoding Encoding, int Grain)
{
    private const int LeastReduced = 1000;

    private static readonly int[] ShortSides = [200, 300, 400, 520, 600, 680, 790, 1000, 1250, 1700, 2300];

    private static readonly Cut[] Cuts =
        [new("whole", 1, 1), new("tall", 0.62, 1), new("broad", 1, 0.6), new("close", 0.8, 0.8)];

    /// <summary>
    /// Returns number <paramref name="index"/> of the set by which the reduction was chosen; neighbours differ in size,
    /// cut and encoding.
    /// </summary>
    public static Recipe Chosen(int index) => new(
        ShortSides[index % ShortSides.Length],
        Cuts[index / 2 % Cuts.Length],
        Encoding.All[index % Encoding.All.Count],
        index);

    /// <summary>
    /// Returns a random recipe; each seed gives another set. Three of four are JPEGs large enough to be decoded at a
    /// reduced size, or slightly smaller.
    /// </summary>
    public static Recipe Drawn(Random lot)
    {
        var large = lot.Next(4) > 0;
        var side = large ? lot.Next(LeastReduced, 3000) : lot.Next(200, LeastReduced);
        var (width, height) = (0.55 + (0.45 * lot.NextDouble()), 0.55 + (0.45 * lot.NextDouble()));
        var (left, top) = (lot.NextDouble(), lot.NextDouble());
        var name = string.Create(CultureInfo.InvariantCulture, $"{width:P0} x {height:P0} at {left:P0}, {top:P0}");
        return new Recipe(side, new Cut(name, width, height, left, top), Encoding.Drawn(lot, large), lot.Next());
    }
}
