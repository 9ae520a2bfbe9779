using System.CommandLine;
using Scenarios.Fidelity;

namespace Micro.Fidelity;

/// <summary>
/// The command <c>fidelity</c>: runs the gate over all its pictures; prints a table of the worst and a summary line.
/// </summary>
internal static class FidelityCommand
{
    private const int MostShown = 8;

    public static Command Create()
    {
        var each = new Option<int>("--each")
        {
            Description = "Pictures made of every photograph and sample",
            DefaultValueFactory = _ => 13,
        };
        var seed = new Option<int>("--seed")
        {
            Description =
                "0: the pictures by which the reduction was chosen; another number: random sizes, cuts and encodings",
        };
        var command = new Command(
            "fidelity", "Compares the network's answers to the worker's preprocessing and to Pillow's.") { each, seed };
        command.SetAction(given => Run(given.GetValue(each), given.GetValue(seed)));
        return command;
    }

    private static int Run(int each, int seed)
    {
        using var probe = new Probe(Probe.Load());
        var verdicts = FidelityGate.Run(probe, each, seed).ToList();
        Console.WriteLine("| picture | first class leads by | kept | largest change |\n|---|---|---|---|");
        foreach (var worst in verdicts.OrderByDescending(one => one.Distance).Take(MostShown))
        {
            var kept = worst.Agrees ? "yes" : "no";
            Console.WriteLine($"| {worst.Name} | {worst.Lead:0.000} | {kept} | {worst.Distance:0.0000} |");
        }

        var failed = verdicts.Count(one => !one.Holds);
        Console.WriteLine($"\n{Summary(verdicts)}");
        return failed == 0 ? 0 : 1;
    }

    private static string Summary(List<FidelityResult> verdicts)
    {
        var reduced = verdicts.Where(one => one.Distance > 0).ToList();
        var failed = verdicts.Count(one => !one.Holds);
        return $"{verdicts.Count} pictures, {reduced.Count} of them decoded at a reduced size. "
            + $"From Pillow's answer: largest change {reduced.Max(one => one.Distance):0.0000}, "
            + $"mean {verdicts.Average(one => one.Distance):0.00000} over all; "
            + $"{failed} lose a first class that leads by {FidelityGate.Lead} "
            + $"or move a probability by more than {FidelityGate.Distance}.";
    }
}
