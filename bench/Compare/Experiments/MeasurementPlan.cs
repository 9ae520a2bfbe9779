namespace Compare.Experiments;

/// <summary>How long things are measured.</summary>
/// <param name="Rounds">In each of which every system has its turn.</param>
/// <param name="Before">Load before a window.</param>
/// <param name="Window">What is measured at one time.</param>
/// <param name="Starts">Of a program, to see how long it takes.</param>
/// <param name="Pictures">After which memory is looked at.</param>
internal sealed record MeasurementPlan(int Rounds, TimeSpan Before, TimeSpan Window, int Starts, int Pictures)
{
    /// <summary>What figures are taken from: some six minutes in all.</summary>
    public static MeasurementPlan Standard { get; } = new(5, TimeSpan.FromSeconds(.5), TimeSpan.FromSeconds(2.5), 5, 1000);

    /// <summary>Enough to see that the program works, and no more: its figures mean nothing.</summary>
    public static MeasurementPlan Short { get; } = new(1, TimeSpan.FromSeconds(.05), TimeSpan.FromSeconds(.3), 1, 40);
}
