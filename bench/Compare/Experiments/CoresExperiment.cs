using Compare.Output;
using Compare.Systems;
using Load.Pictures;
using Load.Running;

namespace Compare.Experiments;

/// <summary>
/// Compares everything on one core, with one worker, with everything on two cores, with two workers pinned to one each.
/// The web node and the generator share the workers' cores. The bare loop, whose threads share only the machine,
/// measures the gain of the cores themselves.
/// </summary>
internal static class CoresExperiment
{
    private const double AtLeast = 1.9;
    private const int ClientsEach = 8;

    public static async Task<Result> RunAsync(ComparedSystem bare, Picture picture, MeasurementPlan plan)
    {
        var cores = Cores.Mine();
        if (cores.Count < 2)
        {
            throw new InvalidOperationException("There is only one core; this experiment needs two.");
        }

        var (first, second) = (cores[0], cores[1]);
        using var one = await Service.StartAsync(Cores.Only(first), Cores.Only(first));
        using var two = await Service.StartAsync(Cores.Only(first, second), Cores.Only(first), Cores.Only(second));
        List<Window> alone = [], both = [], bareAlone = [], bareBoth = [];
        try
        {
            for (var round = 0; round <= plan.Rounds; round++)
            {
                await Cores.MoveToAsync(first);
                alone.Add(await MeasureAsync(one, 1));
                bareAlone.Add(await bare.MeasureAsync(picture, 1, plan.Before, plan.Window));
                await Cores.MoveToAsync(first, second);
                bareBoth.Add(await bare.MeasureAsync(picture, 2, plan.Before, plan.Window));
                both.Add(await MeasureAsync(two, 2));
            }
        }
        finally
        {
            await Cores.MoveToAsync(cores);
        }

        return new Result(
            [Goal.Of("two cores, a worker pinned to each, over one", Ratios(both, alone), AtLeast, atLeast: true)],
            new Section(
                "Cores",
                $"Web node, workers and generator together on one core and on two, {ClientsEach} clients for "
                    + $"each worker, {Photographs.Name(picture)}; nothing is subtracted. The bare loop (a), with a "
                    + "thread for each core, is measured in the same rounds.",
                ["system", "cores", "pictures/s", "p50 ms", "two cores over one"],
                [
                    Row("web node, a worker for each core", 1, alone, ""),
                    Row("web node, a worker for each core", 2, both, Times(both, alone)),
                    Row($"({bare.Letter}) {bare.Name}", 1, bareAlone, ""),
                    Row($"({bare.Letter}) {bare.Name}", 2, bareBoth, Times(bareBoth, bareAlone)),
                ]));

        async Task<Window> MeasureAsync(Service service, int workers)
        {
            using var system = new ServedSystem('c', "web node and worker", service.Address);
            return await system.MeasureAsync(picture, ClientsEach * workers, plan.Before, plan.Window);
        }
    }

    /// <summary>Leaves out the first round, which is a warm-up.</summary>
    private static IEnumerable<double> Ratios(List<Window> both, List<Window> alone) =>
        both.Zip(alone, (two, one) => two.Rate / one.Rate).Skip(1);

    private static string Times(List<Window> both, List<Window> alone) =>
        Result.Text(Goal.Median(Ratios(both, alone)), "F2");

    private static string[] Row(string system, int cores, List<Window> windows, string times) =>
    [
        system,
        $"{cores}",
        Result.Text(Goal.Median(windows.Skip(1).Select(window => window.Rate))),
        Result.Text(Window.Sum(windows[1..]).Milliseconds(50)),
        times,
    ];
}
