namespace Worker.Imaging;

/// <summary>
/// How small the decoder may make a JPEG, which costs it less: the least pixels of the decoded picture's shorter side
/// at each of its sizes. The smaller the size, the more of the stored detail lies within a decoded pixel.
/// </summary>
/// <param name="Half">Where colours have the resolution of the light.</param>
/// <param name="HalfWithHalfColours">
/// Where they have half: the decoder smooths them at full size and not at a reduced one.
/// </param>
/// <param name="Quarter">Whatever the colours.</param>
/// <param name="Eighth">Whatever the colours.</param>
internal readonly record struct DecodeScale(int Half, int HalfWithHalfColours, int Quarter, int Eighth)
{
    /// <summary>Everything is decoded at its full size.</summary>
    public static DecodeScale None { get; } = new(int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue);

    /// <summary>
    /// For a picture that becomes <paramref name="side"/> pixels: chosen by trial over pictures of <c>bench/Micro</c>'s
    /// <c>fidelity</c>. No bound for every picture: docs/benchmarks.md says how far others moved.
    /// </summary>
    public static DecodeScale Faithful(int side) => new(2 * side, 9 * side / 4, 3 * side, 4 * side);

    /// <summary>1, 2, 4 or 8: the most that a picture whose shorter side is <paramref name="side"/> may be divided by.</summary>
    public int Of(int side, bool halfColours) =>
        side / 8 >= Eighth ? 8
        : side / 4 >= Quarter ? 4
        : side / 2 >= (halfColours ? HalfWithHalfColours : Half) ? 2
        : 1;
}
