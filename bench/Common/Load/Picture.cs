using Protocol.Core;

namespace Bench.Load;

/// <summary>A picture and the right answer to it.</summary>
/// <param name="Name">The file's.</param>
/// <param name="Bytes">As the file holds them.</param>
/// <param name="Label">Of the most probable class.</param>
/// <param name="Expected">What a worker that nothing disturbs says of it, all five; empty until it was asked.</param>
public sealed record Picture(string Name, ReadOnlyMemory<byte> Bytes, string Label, IReadOnlyList<Prediction> Expected)
{
    /// <summary>
    /// Whether these predictions are the expected ones, to the last digit: a worker's answer to the same bytes is
    /// always the same, so anything else was damaged on its way.
    /// </summary>
    public bool IsRight(IReadOnlyList<Prediction> said) => Expected.SequenceEqual(said);
}
