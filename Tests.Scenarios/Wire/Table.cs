using System.Text;
using Bench;

namespace Wire.Scenarios;

/// <summary>Formats findings as the tables of <c>docs/benchmarks.md</c>.</summary>
internal static class Table
{
    public static string Of(IEnumerable<Finding> findings)
    {
        var text = new StringBuilder($"{Machine.Description}.\n\n| what | goal | figure | in numbers |\n|---|---|---|---|\n");
        foreach (var finding in findings)
        {
            text.Append(finding.Row).Append('\n');
        }

        text.Append('\n');
        foreach (var finding in findings)
        {
            text.Append("- ").Append(finding.Conditions).Append(".\n");
        }

        return text.ToString();
    }
}
