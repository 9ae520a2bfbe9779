using Protocol.Core;

namespace Scenarios.Traffic;

/// <summary>A picture and its right answer.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Bytes">The file's bytes.</param>
/// <param name="Label">The label of the most probable class.</param>
/// <param name="Expected">The five predictions of an undisturbed worker; empty until requested.</param>
public sealed record LabelledPicture(
    string Name, ReadOnlyMemory<byte> Bytes, string Label, IReadOnlyList<Prediction> Expected)
{
    /// <summary>
    /// Returns whether these predictions equal the expected ones to the last digit. A worker always gives the same
    /// answer to the same bytes, so any difference is damage on the way.
    /// </summary>
    public bool IsRight(IReadOnlyList<Prediction> said) => Expected.SequenceEqual(said);
}
