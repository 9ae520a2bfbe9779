namespace Micro.Goals;

/// <summary>How long things are measured.</summary>
/// <param name="Rounds">In each of which everything that is compared has its turn.</param>
/// <param name="Before">Calls before the first turn, until all is compiled to its best.</param>
/// <param name="Slice">Of one turn.</param>
/// <param name="Processes">Of a program of its own in one turn.</param>
/// <param name="Pictures">That a worker gets in one round.</param>
internal sealed record MeasurementPlan(int Rounds, TimeSpan Before, TimeSpan Slice, int Processes, int Pictures)
{
    /// <summary>What figures are taken from: some two minutes in all.</summary>
    public static MeasurementPlan Standard { get; } = new(7, TimeSpan.FromSeconds(.25), TimeSpan.FromSeconds(.1), 15, 500);

    /// <summary>Enough to see that the program works: its times mean nothing.</summary>
    public static MeasurementPlan Short { get; } = new(2, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5), 2, 60);
}
