using Load.Pictures;
using Load.Running;

namespace Compare.Systems;

/// <summary>A system under comparison, running and warm.</summary>
/// <param name="Letter">The letter in ratios.</param>
/// <param name="Name">The name in tables.</param>
public abstract record ComparedSystem(char Letter, string Name)
{
    /// <summary>Runs this many clients; measures after a warm-up.</summary>
    public abstract Task<Window> MeasureAsync(Picture picture, int clients, TimeSpan before, TimeSpan span);
}
