using System.Diagnostics;
using Bench;

namespace Hostile.Attacks;

/// <summary>The results of an attack: a line for each condition.</summary>
/// <param name="write">Writes a line.</param>
public sealed class Report(Action<string> write)
{
    private readonly List<string> failures = [];

    /// <summary>The failed conditions.</summary>
    public IReadOnlyList<string> Failures => failures;

    /// <summary>Returns the machine and its load, which affect every figure.</summary>
    public static string Conditions() => $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Machine.Description}, load {Machine.Load}";

    /// <summary>Reports a condition that must hold, with its figure.</summary>
    public void Must(bool holds, string what)
    {
        write($"  {(holds ? "holds " : "FAILS ")} {what}");
        if (!holds)
        {
            failures.Add(what);
        }
    }

    /// <summary>Reports a figure without a condition.</summary>
    public void Note(string what) => write($"         {what}");

    /// <summary>Runs one attack, with a heading and its duration.</summary>
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
            // The results of the other attacks are still useful.
            Must(false, $"broke off: {e.Message.Split('\n')[0]}");
        }

        write($"         {clock.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>Formats a number of bytes in MiB.</summary>
    public static string Size(long bytes) => $"{bytes / 1048576.0:0.0} MiB";
}
