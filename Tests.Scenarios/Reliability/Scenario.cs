using Bench;

namespace Reliability.Scenarios;

/// <summary>A failure of a network or a node, and the conditions that must hold meanwhile.</summary>
public abstract class Scenario
{
    internal const string MachineRow = "machine";

    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>The description, one line.</summary>
    public abstract string Summary { get; }

    /// <summary>The options of the long form.</summary>
    public virtual ScenarioOptions Standard => ScenarioOptions.Standard;

    /// <summary>Runs it; an exception counts as a violation.</summary>
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

    /// <summary>Runs it and adds its conditions, figures and violations to <paramref name="report"/>.</summary>
    protected abstract Task RunAsync(ScenarioOptions options, Report report);
}
