using System.Net.Sockets;

namespace Wire.Scenarios;

/// <summary>One figure of the extended exchange, its goal, and its measurement.</summary>
public abstract class Scenario
{
    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>The description of the measurement, one line.</summary>
    public abstract string Summary { get; }

    /// <summary>The goal of the figure.</summary>
    public abstract string Goal { get; }

    /// <summary>Measures the figure; an exception counts as a missed goal.</summary>
    public async Task<Finding> RunAsync(Work work)
    {
        var finding = new Finding(Name, Summary, Goal);
        try
        {
            await RunAsync(work, finding);
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or IOException or HttpRequestException or SocketException)
        {
            finding.Problem(e.Message);
        }

        return finding;
    }

    /// <summary>Measures the figure and adds it to <paramref name="finding"/>.</summary>
    protected abstract Task RunAsync(Work work, Finding finding);
}
