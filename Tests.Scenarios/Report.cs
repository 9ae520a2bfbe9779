using System.Globalization;
using Scenarios.Traffic;

namespace Scenarios;

/// <summary>The results of a scenario: a line for each condition and figure.</summary>
/// <param name="write">Writes a line.</param>
public sealed class Report(Action<string> write)
{
    private const int ShownProblems = 20;

    private readonly List<string> failures = [];

    /// <summary>The violated conditions.</summary>
    public IReadOnlyList<string> Failures => failures;

    /// <summary>The reason why it could not run here; null if it did.</summary>
    public string? Skipped { get; private set; }

    /// <summary>Reports a condition that must hold, with its figure.</summary>
    public void Must(bool holds, string what)
    {
        write($"  {(holds ? "holds " : "FAILS ")} {what}");
        if (!holds)
        {
            failures.Add(what);
        }
    }

    /// <summary>Reports a violation.</summary>
    public void Fail(string what) => Must(false, what);

    /// <summary>Reports a figure without a condition.</summary>
    public void Note(string what) => write($"         {what}");

    /// <summary>Reports that this machine can't run the scenario.</summary>
    public void Skip(string reason)
    {
        Skipped = reason;
        write($"  SKIPPED: {reason}");
    }

    /// <summary>Reports the pictures of a load.</summary>
    internal void Pictures(IReadOnlyList<LabelledPicture> pictures) =>
        Note(
            $"pictures: {pictures.Count}, "
                + $"{pictures.Sum(picture => picture.Bytes.Length) / pictures.Count / 1024} KiB on average");

    /// <summary>Reports a load; failures and wrong answers are violations.</summary>
    internal void Load(LoadFigures load, string title = "load")
    {
        Note(
            $"{title}: {load.Requests:N0} requests ({load.Rate:F1} right answers a second), {load.Retried} by a "
                + "second worker");
        Note(
            $"{title}: p50 / p95 / p99 {Milliseconds(load.Quantile(.5))} / {Milliseconds(load.Quantile(.95))} / "
                + $"{Milliseconds(load.Quantile(.99))} ms, longest {Milliseconds(load.Longest)} ms");
        Must(load.Latencies.Count > 0, $"{title}: {load.Latencies.Count:N0} answered");
        Must(
            load.Failures.Count + load.Wrong.Count == 0,
            $"{title}: {load.Failures.Count} failed, {load.Wrong.Count} wrong");
        foreach (var problem in load.Failures.Concat(load.Wrong).Take(ShownProblems))
        {
            Note(problem);
        }
    }

    /// <summary>Formats a number of bytes in MiB.</summary>
    public static string Size(long bytes) => $"{bytes / 1048576.0:0.0} MiB";

    /// <summary>Formats a time in whole milliseconds.</summary>
    internal static string Milliseconds(TimeSpan time) =>
        time.TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture);
}
