using System.Globalization;
using System.Text;

namespace Wire.Scenarios;

/// <summary>A figure beside its goal, with its conditions and errors.</summary>
public sealed class Finding(string name, string summary, string goal)
{
    private const int ShownProblems = 10;

    private readonly List<string> conditions = [];
    private readonly List<string> details = [];
    private readonly List<string> problems = [];

    /// <summary>The figure as printed; a dash if there is none.</summary>
    public string Figure { get; private set; } = "–";

    /// <summary>The figure as a number; NaN if it is none.</summary>
    public double Value { get; private set; } = double.NaN;

    /// <summary>Whether the goal is met.</summary>
    public bool Reached { get; private set; }

    /// <summary>The errors, one line each.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>Returns a row of the table in <c>docs/benchmarks.md</c>.</summary>
    public string Row => $"| {summary} | {goal} | **{Figure}**{(Reached ? "" : " (missed)")} | {string.Join("; ", details)} |";

    /// <summary>The conditions of the measurement, in one line.</summary>
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

    /// <summary>Sets the ratio of two measurements of this run.</summary>
    internal void Ratio(double value, Func<double, bool> reaches)
    {
        Value = value;
        Figure = value.ToString("0.000", CultureInfo.InvariantCulture);
        Reached = problems.Count == 0 && reaches(value);
    }

    /// <summary>Sets the number of events that should never happen.</summary>
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
