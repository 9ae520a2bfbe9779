using System.Globalization;

namespace Micro.Fidelity;

/// <summary>A part of a picture.</summary>
/// <param name="Name">For tables.</param>
/// <param name="Width">Of the whole, above 0 and up to 1.</param>
/// <param name="Height">Of the whole, above 0 and up to 1.</param>
/// <param name="Left">0 leaves nothing off on the left, 1 nothing on the right.</param>
/// <param name="Top">0 leaves nothing off above, 1 nothing below.</param>
internal readonly record struct Cut(string Name, double Width, double Height, double Left = 0.5, double Top = 0.5);

/// <summary>How a picture of the gate is made.</summary>
/// <param name="Side">The shorter side in pixels.</param>
/// <param name="Cut">What is taken.</param>
/// <param name="Encoding">How it is stored.</param>
/// <param name="Grain">The noise's seed.</param>
internal sealed record Recipe(int Side, Cut Cut, Encoding Encoding, int Grain)
{
    private const int LeastReduced = 1000;

    private static readonly int[] ShortSides = [200, 300, 400, 520, 600, 680, 790, 1000, 1250, 1700, 2300];

    private static readonly Cut[] Cuts = [new("whole", 1, 1), new("tall", 0.62, 1), new("broad", 1, 0.6), new("close", 0.8, 0.8)];

    /// <summary>
    /// Number <paramref name="index"/> of the set by which the reduction was chosen: neighbours differ in size, cut and
    /// encoding alike.
    /// </summary>
    public static Recipe Chosen(int index) => new(
        ShortSides[index % ShortSides.Length],
        Cuts[index / 2 % Cuts.Length],
        Encoding.All[index % Encoding.All.Count],
        index);

    /// <summary>
    /// One by lot, of another set with each seed. Three of four are JPEGs large enough to be decoded at a reduced size,
    /// or not much smaller.
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
