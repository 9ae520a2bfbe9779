using Load.Options;

namespace Load.Running;

/// <summary>What one level came to.</summary>
/// <param name="Level">The load.</param>
/// <param name="Windows">All, in the order in which they were measured; at least one.</param>
/// <param name="Kept">The last so many are what counts.</param>
/// <param name="Agree">Whether those agree within 10 %.</param>
public sealed record LevelFigures(Level Level, IReadOnlyList<Window> Windows, int Kept, bool Agree)
{
    /// <summary>Those that count, as one.</summary>
    public Window Total { get; } = Window.Sum([.. Windows.TakeLast(Kept)]);
}
