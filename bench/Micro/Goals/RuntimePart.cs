using Bench.Output;
using Micro.Fidelity;

namespace Micro.Goals;

/// <summary>Compares ways to run the network on all cores with the worker's: one run per core in parallel.</summary>
internal static class RuntimePart
{
    // Divisible by every batch on every usual number of cores.
    private const int PicturesPerThread = 8;

    private static readonly int[] Batches = [2, 4, 8];

    // ONNX Runtime's threads continue to spin for a while after a run.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    public static Part Run(MeasurementPlan pace)
    {
        var (cores, model) = (Environment.ProcessorCount, Probe.Files().Network);
        Runner[] runners =
        [
            new($"{cores} side by side, 1 thread each (as built)", model, 1, cores, 1, Spins: false),
            new($"one after the other, {cores} threads", model, 1, 1, cores, Spins: false),
            new($"one after the other, {cores} threads, spinning", model, 1, 1, cores, Spins: true),
            .. Batches.Select(batch => new Runner($"batches of {batch}, {cores} side by side, 1 thread each", model, batch, cores, 1, Spins: false)),
            .. Batches.Select(batch => new Runner($"batches of {batch}, one after the other, {cores} threads, spinning", model, batch, 1, cores, Spins: true)),
        ];
        try
        {
            var pictures = PicturesPerThread * cores;
            var rounds = Interleaved.Measure(pace, Rest, [.. runners.Select(runner => (Action)(() => runner.Run(pictures)))]);
            return new Part([], new Section(
                "Running the network",
                $"Pictures a second on {cores} cores, and that over the first line's in the same round. Without preprocessing.",
                ["how", "pictures/s", "over the first", "rounds from … to"],
                [.. runners.Select((runner, at) => Row(runner.Name, [.. rounds.Select(round => pictures / round[at])], [.. rounds.Select(round => round[0] / round[at])]))]));
        }
        finally
        {
            foreach (var runner in runners)
            {
                runner.Dispose();
            }
        }
    }

    private static string[] Row(string name, double[] rates, double[] ratios) =>
        [name, Part.Text(Goal.Median(rates), "F0"), Part.Text(Goal.Median(ratios)), $"{Part.Text(ratios.Min())} … {Part.Text(ratios.Max())}"];
}
