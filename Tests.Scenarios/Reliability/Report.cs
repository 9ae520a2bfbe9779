using System.Globalization;
using System.Text;
using Bench;
using Bench.Load;

namespace Reliability.Scenarios;

/// <summary>The conditions and results of a scenario, as one small table.</summary>
public sealed class Report(string name, string summary)
{
    private const int ShownProblems = 20;

    private readonly List<(string Name, string Value)> conditions = [];
    private readonly List<(string Name, string Value)> figures = [];
    private readonly List<string> problems = [];

    /// <summary>The violations, one line each.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>The reason why it could not run here; null if it did.</summary>
    public string? Skipped { get; private set; }

    /// <summary>Whether it ran without a violation.</summary>
    public bool Passed => Skipped is null && problems.Count == 0;

    /// <summary>Returns the named figure as printed; null if there is none.</summary>
    public string? this[string figure] => figures.Where(row => row.Name == figure).Select(row => row.Value).FirstOrDefault();

    /// <summary>Returns a row for the table of <see cref="Heads"/>.</summary>
    public string Row() => Page.Row(
        $"`{name}`: {summary}",
        Joined(conditions.Where(row => row.Name != Scenario.MachineRow)),
        Joined(figures),
        Skipped is not null ? $"skipped: {Skipped}" : Passed ? "yes" : $"**no**: {string.Join("; ", problems.Take(3))}");

    /// <summary>The first two rows of the table.</summary>
    public static string Heads => $"{Page.Row("scenario", "conditions", "figures", "holds")}\n|---|---|---|---|";

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder($"{name}: {summary}\n");
        Append(text, "conditions", conditions);
        Append(text, "figures", figures);
        foreach (var problem in problems.Take(ShownProblems))
        {
            text.Append(CultureInfo.InvariantCulture, $"  ! {problem}\n");
        }

        if (problems.Count > ShownProblems)
        {
            text.Append(CultureInfo.InvariantCulture, $"  ! and {problems.Count - ShownProblems} more\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"  {(Skipped is not null ? $"SKIPPED: {Skipped}" : Passed ? "PASSED" : "FAILED")}\n").ToString();
    }

    internal void Condition(string name, string value) => conditions.Add((name, value));

    internal void Figure(string name, string value) => figures.Add((name, value));

    internal void Pictures(IReadOnlyList<Picture> pictures) =>
        Condition("pictures", $"{pictures.Count}, {pictures.Sum(picture => picture.Bytes.Length) / pictures.Count / 1024} KiB on average");

    internal void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            problems.Add(otherwise);
        }
    }

    internal void Skip(string reason) => Skipped = reason;

    /// <summary>Adds the figures of a load; failures and wrong answers are violations.</summary>
    internal void Load(LoadFigures load, string? title = null)
    {
        var head = title is null ? "" : $"{title}, ";
        Figure($"{head}requests", string.Create(CultureInfo.InvariantCulture, $"{load.Requests:N0} ({load.Rate:F1} right answers a second)"));
        Figure($"{head}failed", $"{load.Failures.Count}");
        Figure($"{head}wrong", $"{load.Wrong.Count}");
        Figure($"{head}by a second worker", $"{load.Retried}");
        Figure($"{head}p50 / p95 / p99", $"{Milliseconds(load.Quantile(.5))} / {Milliseconds(load.Quantile(.95))} / {Milliseconds(load.Quantile(.99))} ms");
        Figure($"{head}longest", $"{Milliseconds(load.Longest)} ms");
        Require(load.Latencies.Count > 0, "Nothing was answered.");
        problems.AddRange(load.Failures.Select(failure => $"failed: {failure}"));
        problems.AddRange(load.Wrong.Select(wrong => $"wrong: {wrong}"));
    }

    internal static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture);

    private static string Joined(IEnumerable<(string Name, string Value)> rows) =>
        string.Join("; ", rows.Select(row => $"{row.Name}: {row.Value}"));

    private static void Append(StringBuilder text, string title, List<(string Name, string Value)> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"  {title}\n");
        foreach (var (name, value) in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {name,-30}{value}\n");
        }
    }
}
