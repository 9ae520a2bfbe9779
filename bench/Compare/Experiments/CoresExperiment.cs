using Bench.Output;
using Compare.Systems;
using Load.Pictures;
using Load.Running;

namespace Compare.Experiments;

/// <summary>
/// Everything on one core, with one worker, and everything on two, with two workers pinned to one each: the web node
/// and the generator are on the same cores as they.
/// </summary>
internal static class CoresExperiment
{
    private const double AtLeast = 1.9;
    private const int ClientsEach = 8;

    public static async Task<Result> RunAsync(Picture picture, Pace pace)
    {
        var cores = Cores.Mine();
        if (cores.Count < 2)
        {
            throw new InvalidOperationException("There is only one core: what two bring can't be measured.");
        }

        var (first, second) = (cores[0], cores[1]);
        using var one = await Service.StartAsync(Cores.Only(first), Cores.Only(first));
        using var two = await Service.StartAsync(Cores.Only(first, second), Cores.Only(first), Cores.Only(second));
        List<Window> alone = [], both = [];
        try
        {
            // The first is to warm up.
            for (var round = 0; round <= pace.Rounds; round++)
            {
                await Cores.MoveToAsync(first);
                alone.Add(await MeasureAsync(one, 1));
                await Cores.MoveToAsync(first, second);
                both.Add(await MeasureAsync(two, 2));
            }
        }
        finally
        {
            await Cores.MoveToAsync(cores);
        }

        var ratios = both.Zip(alone, (two, one) => two.Rate / one.Rate).Skip(1);
        return new Result(
            [Goal.Of("two cores, a worker pinned to each, over one", ratios, AtLeast, atLeast: true)],
            new Section(
                "Cores",
                $"Web node, workers and generator together on one core and on two, {ClientsEach} clients for each worker, {Sizes.Name(picture)}; nothing subtracted.",
                ["cores", "workers", "pictures/s", "p50 ms"],
                [Row(1, alone), Row(2, both)]));

        async Task<Window> MeasureAsync(Service service, int workers)
        {
            using var system = new Loaded('c', "web node and worker", service.Address);
            return await system.MeasureAsync(picture, ClientsEach * workers, pace.Before, pace.Window);
        }
    }

    private static string[] Row(int cores, List<Window> windows) =>
    [
        $"{cores}",
        $"{cores}",
        Result.Text(Goal.Median(windows.Skip(1).Select(window => window.Rate))),
        Result.Text(Window.Sum(windows[1..]).Milliseconds(50)),
    ];
}
