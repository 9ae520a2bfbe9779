using System.Globalization;
using System.Text;

namespace Wire.Scenarios;

/// <summary>A figure beside its goal, how it was made, and what spoils it.</summary>
public sealed class Finding(string name, string summary, string goal)
{
    private const int ShownProblems = 10;

    private readonly List<string> conditions = [];
    private readonly List<string> details = [];
    private readonly List<string> problems = [];

    /// <summary>As it is printed; a dash where there is none.</summary>
    public string Figure { get; private set; } = "–";

    /// <summary>As a number, where it is one; else NaN.</summary>
    public double Value { get; private set; } = double.NaN;

    /// <summary>The goal is reached.</summary>
    public bool Reached { get; private set; }

    /// <summary>What went wrong, one line each.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>A row of the table in <c>docs/benchmarks.md</c>.</summary>
    public string Row => $"| {summary} | {goal} | **{Figure}**{(Reached ? "" : " (missed)")} | {string.Join("; ", details)} |";

    /// <summary>How it was made, in one line.</summary>
    public string Conditions => $"{name}: {string.Join("; ", conditions)}";

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder($"{name}: {summary}\n");
        Append(text, "with", conditions);
        Append(text, "found", details);
        Append(text, "  !", [.. problems.Take(ShownProblems)]);
        return text.Append(CultureInfo.InvariantCulture, $"  figure  {Figure}, goal {goal}: {(Reached ? "REACHED" : "MISSED")}\n").ToString();
    }

    internal void Condition(string line) => conditions.Add(line);

    internal void Detail(string line) => details.Add(line);

    internal void Problem(string line)
    {
        problems.Add(line);
        Reached = false;
    }

    /// <summary>A ratio of two measurements of this run.</summary>
    internal void Ratio(double value, Func<double, bool> reaches)
    {
        Value = value;
        Figure = value.ToString("0.000", CultureInfo.InvariantCulture);
        Reached = problems.Count == 0 && reaches(value);
    }

    /// <summary>How often something happened that should never.</summary>
    internal void Count(int value, bool otherwiseGood = true)
    {
        Value = value;
        Figure = value.ToString("N0", CultureInfo.InvariantCulture);
        Reached = problems.Count == 0 && value == 0 && otherwiseGood;
    }

    private static void Append(StringBuilder text, string title, IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {title,-6}  {line}\n");
        }
    }
}
