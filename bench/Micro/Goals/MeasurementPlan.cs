namespace Micro.Goals;

/// <summary>The amounts and durations of the measurements.</summary>
/// <param name="Rounds">The number of rounds; each measures every candidate once.</param>
/// <param name="Before">The number of warm-up calls before the first turn, so that all code is fully optimized.</param>
/// <param name="Slice">The duration of one turn.</param>
/// <param name="Processes">The number of processes of a separate program in one turn.</param>
/// <param name="Pictures">The number of pictures that a worker gets in one round.</param>
internal sealed record MeasurementPlan(int Rounds, TimeSpan Before, TimeSpan Slice, int Processes, int Pictures)
{
    /// <summary>The plan for published figures: about two minutes in all.</summary>
    public static MeasurementPlan Standard { get; } = new(7, TimeSpan.FromSeconds(.25), TimeSpan.FromSeconds(.1), 15, 500);

    /// <summary>The plan for a check that the program works; its times mean nothing.</summary>
    public static MeasurementPlan Short { get; } = new(2, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5), 2, 60);
}
