using System.Net.Sockets;

namespace Wire.Scenarios;

/// <summary>One figure of the extended exchange, its goal, and the program that makes it.</summary>
public abstract class Scenario
{
    /// <summary>On the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What is measured, in one line.</summary>
    public abstract string Summary { get; }

    /// <summary>What the figure is to be.</summary>
    public abstract string Goal { get; }

    /// <summary>Makes the figure; a scenario that breaks is one whose goal is missed.</summary>
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

    /// <summary>Makes the figure and tells <paramref name="finding"/>.</summary>
    protected abstract Task RunAsync(Work work, Finding finding);
}
