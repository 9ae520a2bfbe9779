namespace Worker.Imaging;

/// <summary>
/// How small the decoder may make a JPEG, which costs it less: the least pixels of the decoded picture's shorter side.
/// </summary>
/// <param name="Plain">Where colours have the resolution of the light.</param>
/// <param name="WithHalfColours">
/// Where they have half: the decoder smooths them at full size and not at a reduced one.
/// </param>
internal readonly record struct Reduction(int Plain, int WithHalfColours)
{
    /// <summary>Everything is decoded at its full size.</summary>
    public static Reduction None { get; } = new(int.MaxValue, int.MaxValue);

    /// <summary>
    /// For a picture that becomes <paramref name="side"/> pixels: chosen by trial over pictures of <c>bench/Micro</c>'s
    /// <c>fidelity</c>. No bound for every picture: docs/benchmarks.md says how far others moved.
    /// </summary>
    public static Reduction Faithful(int side) => new(3 * side, 6 * side);
}
