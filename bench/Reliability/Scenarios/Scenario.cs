using Bench;

namespace Reliability.Scenarios;

/// <summary>A way in which a network or a node fails, and what must hold while it does.</summary>
public abstract class Scenario
{
    internal const string MachineRow = "machine";

    /// <summary>On the command line.</summary>
    public abstract string Name { get; }

    /// <summary>One line.</summary>
    public abstract string Summary { get; }

    /// <summary>The options of the long form.</summary>
    public virtual ScenarioOptions Standard => ScenarioOptions.Standard;

    /// <summary>Runs it; a scenario that breaks is one that does not hold.</summary>
    public async Task<Report> RunAsync(ScenarioOptions options)
    {
        var report = new Report(Name, Summary);
        report.Condition(MachineRow, Machine.Description);
        try
        {
            await RunAsync(options, report);
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or IOException or HttpRequestException or System.Net.Sockets.SocketException)
        {
            report.Require(false, e.Message);
        }

        return report;
    }

    /// <summary>Runs it and tells <paramref name="report"/> its conditions and figures, and what does not hold.</summary>
    protected abstract Task RunAsync(ScenarioOptions options, Report report);
}
