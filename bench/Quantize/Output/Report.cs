using System.Globalization;
using Bench;
using Bench.Output;
using Quantize.Judging;

namespace Quantize.Output;

/// <summary>The gains and costs of the 8-bit network, for the page.</summary>
internal static class Report
{
    /// <summary>
    /// Writes the report; <paramref name="given"/> are the changes of the given pictures, <paramref name="made"/> those
    /// of variants of them.
    /// </summary>
    public static string Text(
        string conditions, (Goal Goal, double Before, double After)[] speeds, List<Change> given, List<Change> made)
    {
        List<string[]> goals =
        [
            .. speeds.Select(speed => speed.Goal.Cells),
            Kept("pictures given", given, given.Count(one => one.Kept), given.Count),
        ];
        List<string[]> changes = [Row("the pictures given", given)];
        if (made.Count > 0)
        {
            changes.Add(Row("others made of them, not calibrated with", made));
        }

        var figures = new Section("What it says otherwise", "The largest change of any class's probability, for each picture.",
            ["pictures", "number", "first class kept", "of those that led by 0.05", "mean", "median", "largest"], changes);
        var times = new Section("Times", "Milliseconds a picture, of the network alone.", ["how", "float", "8 bits"],
            [.. speeds.Select(speed => (string[])[speed.Goal.Name.Split(", ", 2)[1], Number(speed.Before), Number(speed.After)])]);
        var head = new Section("The network in 8 bits", $"{conditions}; {Machine.Description}.", Goal.Head, goals);
        return string.Join('\n', head, times, figures);
    }

    private static string[] Kept(string what, List<Change> all, int kept, int asked) =>
        [$"first class kept, of {asked} {what}", $"{asked}", $"{kept}", $"largest change {Number(all.Max(one => one.Distance))}", kept == asked ? "met" : "**missed**"];

    private static string[] Row(string name, List<Change> all)
    {
        var sure = all.Where(one => one.IsSure).ToList();
        return
        [
            name, $"{all.Count}", $"{all.Count(one => one.Kept)}", $"{sure.Count(one => one.Kept)} of {sure.Count}",
            Number(all.Average(one => one.Distance)), Number(Goal.Median(all.Select(one => (double)one.Distance))), Number(all.Max(one => one.Distance)),
        ];
    }

    private static string Number(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
