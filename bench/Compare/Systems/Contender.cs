using Load.Pictures;
using Load.Running;

namespace Compare.Systems;

/// <summary>One way to have pictures named, running and warm.</summary>
/// <param name="Letter">In ratios.</param>
/// <param name="Name">In tables.</param>
public abstract record Contender(char Letter, string Name)
{
    /// <summary>Loads it with so many clients, and measures after a while.</summary>
    public abstract Task<Window> MeasureAsync(Picture picture, int clients, TimeSpan before, TimeSpan span);
}
