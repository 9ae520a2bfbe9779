using System.Diagnostics;
using System.Net.Sockets;

namespace Scenarios;

/// <summary>An event or a load for the running service, and the conditions that must hold meanwhile.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Summary">The description, one line.</param>
/// <param name="Run">Runs it and reports its conditions and figures.</param>
public sealed record Scenario(string Name, string Summary, Func<ScenarioOptions, Report, Task> Run)
{
    private const int MostInTests = 16;

    /// <summary>The duration of the load in a test.</summary>
    public TimeSpan ShortDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The duration of the load from the command line.</summary>
    public TimeSpan LongDuration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The number of concurrent clients.</summary>
    public int Clients { get; init; } = 16;

    /// <summary>The options of the form that a test runs.</summary>
    public ScenarioOptions ShortForm => new(true, ShortDuration, Math.Min(Clients, MostInTests), Seed: 1);

    /// <summary>The options of the form that the command line runs.</summary>
    public ScenarioOptions LongForm => new(false, LongDuration, Clients, Seed: 1);

    /// <summary>Runs it and writes its results line by line; an expected exception counts as a violation.</summary>
    public async Task<Report> RunAsync(ScenarioOptions options, Action<string> write)
    {
        write($"{Name}: {Summary}");
        var report = new Report(write);
        var clock = Stopwatch.StartNew();
        try
        {
            await Run(options, report);
        }
        catch (Exception e) when (
            e is InvalidOperationException or InvalidDataException
                or IOException or HttpRequestException or SocketException)
        {
            // The results of other scenarios are still useful.
            report.Fail($"stopped early: {e.Message}");
        }

        report.Note($"{clock.Elapsed.TotalSeconds:0.0} s");
        return report;
    }
}

/// <summary>The extent of a scenario.</summary>
/// <param name="IsShort">Whether it runs as a test: reduced, within seconds, on a busy machine.</param>
/// <param name="Duration">The duration of the load, if it has one.</param>
/// <param name="Clients">The number of concurrent clients, each without a pause; at least 1.</param>
/// <param name="Seed">The seed of all generated data and faults; the timing of a real machine still varies.</param>
public sealed record ScenarioOptions(bool IsShort, TimeSpan Duration, int Clients, int Seed)
{
    /// <summary>Returns one of two values, by the extent.</summary>
    public T Of<T>(T small, T large) => IsShort ? small : large;
}
