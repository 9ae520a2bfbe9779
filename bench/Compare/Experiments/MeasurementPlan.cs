namespace Compare.Experiments;

/// <summary>The durations of the measurements.</summary>
/// <param name="Rounds">The number of rounds; each measures every system once.</param>
/// <param name="Before">The warm-up time before a window.</param>
/// <param name="Window">The length of one window.</param>
/// <param name="Starts">The number of program starts to time.</param>
/// <param name="Pictures">The number of pictures before memory is measured.</param>
internal sealed record MeasurementPlan(int Rounds, TimeSpan Before, TimeSpan Window, int Starts, int Pictures)
{
    /// <summary>The plan for published figures: about five minutes in all.</summary>
    public static MeasurementPlan Standard { get; } = new(
        5, TimeSpan.FromSeconds(.5), TimeSpan.FromSeconds(2.5), 5, 1000);

    /// <summary>The plan for a check that the program works; its figures mean nothing.</summary>
    public static MeasurementPlan Short { get; } = new(1, TimeSpan.FromSeconds(.05), TimeSpan.FromSeconds(.3), 1, 40);
}
