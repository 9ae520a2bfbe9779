namespace Worker.Imaging;

/// <summary>
/// Limits how far the decoder may reduce a JPEG to save time: the minimum shorter side of the decoded image, in pixels,
/// for each reduction. The stronger the reduction, the more stored detail each decoded pixel averages.
/// </summary>
/// <param name="Half">For 1/2, if chroma has full resolution.</param>
/// <param name="HalfWithHalfColours">
/// For 1/2, if chroma has half resolution, which the decoder smooths only at full size.
/// </param>
/// <param name="Quarter">For 1/4, with any chroma resolution.</param>
/// <param name="Eighth">For 1/8, with any chroma resolution.</param>
internal readonly record struct DecodeScale(int Half, int HalfWithHalfColours, int Quarter, int Eighth)
{
    /// <summary>Decodes every image at its full size.</summary>
    public static DecodeScale None { get; } = new(int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue);

    /// <summary>
    /// Returns the limits for a target of <paramref name="side"/> pixels, chosen by experiment. They guarantee no
    /// error bound for every image; docs/benchmarks.md has the deviations.
    /// </summary>
    public static DecodeScale Faithful(int side) => new(2 * side, 9 * side / 4, 3 * side, 4 * side);

    /// <summary>
    /// Returns 1, 2, 4 or 8: the strongest reduction for an image whose shorter side is <paramref name="side"/>.
    /// </summary>
    public int Of(int side, bool halfColours) =>
        side / 8 >= Eighth ? 8
        : side / 4 >= Quarter ? 4
        : side / 2 >= (halfColours ? HalfWithHalfColours : Half) ? 2
        : 1;
}
