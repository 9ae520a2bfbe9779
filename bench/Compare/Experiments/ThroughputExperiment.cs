using Compare.Output;
using Compare.Systems;
using Load.Pictures;
using Load.Running;

namespace Compare.Experiments;

/// <summary>Measures the systems in turn, with pictures of each size.</summary>
internal static class ThroughputExperiment
{
    private const int Connections = 8;
    private const int Clients = 16;

    private static readonly (char Over, char Under, double AtLeast, string Name)[] Comparisons =
    [
        ('b', 'a', .95, "one worker over its socket (b) over the bare loop (a)"),
        ('c', 'a', .85, "web node and worker (c) over the bare loop (a)"),
        ('c', 'd', 2.5, "web node and worker (c) over the plain peer (d)"),
    ];

    public static async Task<Result> RunAsync(
        IReadOnlyList<ComparedSystem> systems, IReadOnlyList<Picture> pictures, MeasurementPlan plan)
    {
        var windows = pictures.ToDictionary(
            picture => picture, _ => systems.ToDictionary(system => system.Letter, _ => new List<Window>()));
        for (var round = 0; round < plan.Rounds; round++)
        {
            foreach (var picture in pictures)
            {
                foreach (var system in systems)
                {
                    var clients = system.Letter == 'b' ? Connections : Clients;
                    windows[picture][system.Letter].Add(
                        await system.MeasureAsync(picture, clients, plan.Before, plan.Window));
                }
            }
        }

        var goals = Comparisons.SelectMany(one => pictures.Select(picture => Goal.Of(
            $"{one.Name}, {Photographs.Name(picture)}", Ratios(
                windows[picture][one.Over], windows[picture][one.Under]), one.AtLeast, atLeast: true)));
        var section = new Section(
            "Throughput",
            "Pictures a second, the load generator's own processor time subtracted: R / (1 − g / n), where g is "
                + "the time that its process used in a second (Environment.CpuUsage: user and kernel, a loopback "
                + $"connection's receiving end included) and n the cores. (b) has {Connections} connections, the "
                + $"others over HTTP have {Clients} clients.",
            ["picture", "system", "pictures/s", "as counted", "generator's share", "p50 ms", "p99 ms", "errors"],
            [
                .. from picture in pictures
                   from system in systems
                   select Row(picture, system, windows[picture][system.Letter]),
            ]);
        return new Result([.. goals], section);
    }

    /// <summary>Computes the ratio within each round.</summary>
    private static IEnumerable<double> Ratios(List<Window> over, List<Window> under) =>
        over.Zip(under, (one, other) => one.RateAlone / other.RateAlone);

    private static string[] Row(Picture picture, ComparedSystem system, List<Window> windows)
    {
        var sum = Window.Sum(windows);
        return
        [
            Photographs.Name(picture),
            $"({system.Letter}) {system.Name}",
            Result.Text(Result.Rate(windows)),
            Result.Text(Goal.Median(windows.Select(window => window.Rate))),
            Result.Text(sum.Cost.OwnShare * 100) + " %",
            Result.Text(sum.Milliseconds(50)),
            Result.Text(sum.Milliseconds(99)),
            $"{sum.Failed}",
        ];
    }
}
