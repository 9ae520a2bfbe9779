using Load.Options;

namespace Load.Running;

/// <summary>The results of one level.</summary>
/// <param name="Level">The load.</param>
/// <param name="Windows">All windows, in order of measurement; at least one.</param>
/// <param name="Kept">The number of windows at the end that count.</param>
/// <param name="Agree">Whether those windows agree within 10 %.</param>
public sealed record LevelFigures(Level Level, IReadOnlyList<Window> Windows, int Kept, bool Agree)
{
    /// <summary>The windows that count, merged into one.</summary>
    public Window Total { get; } = Window.Sum([.. Windows.TakeLast(Kept)]);
}
