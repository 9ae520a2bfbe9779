using System.Diagnostics;
using Bench;

namespace Hostile.Attacks;

/// <summary>What an attack saw: a line for each thing that must hold.</summary>
/// <param name="write">Where the lines go.</param>
public sealed class Report(Action<string> write)
{
    private readonly List<string> failures = [];

    /// <summary>What did not hold.</summary>
    public IReadOnlyList<string> Failures => failures;

    /// <summary>The machine and its load, which every figure depends on.</summary>
    public static string Conditions() => $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Machine.Description}, load {Machine.Load}";

    /// <summary>One thing that must hold, with its figure.</summary>
    public void Must(bool holds, string what)
    {
        write($"  {(holds ? "holds " : "FAILS ")} {what}");
        if (!holds)
        {
            failures.Add(what);
        }
    }

    /// <summary>A figure that nothing depends on.</summary>
    public void Note(string what) => write($"         {what}");

    /// <summary>Runs one attack, with a heading and the time it took.</summary>
    public async Task RunAsync(Attack one, Scale scale)
    {
        write($"{one.Name}: {one.Summary}");
        var clock = Stopwatch.StartNew();
        try
        {
            await one.RunAsync(scale, this);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            // The other attacks' lines are worth having all the same.
            Must(false, $"broke off: {e.Message.Split('\n')[0]}");
        }

        write($"         {clock.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>Bytes as people read them.</summary>
    public static string Size(long bytes) => $"{bytes / 1048576.0:0.0} MiB";
}
