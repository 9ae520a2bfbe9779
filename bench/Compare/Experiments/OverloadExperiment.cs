using Compare.Output;
using Compare.Systems;
using Load.Options;
using Load.Pictures;
using Load.Running;

namespace Compare.Experiments;

/// <summary>Measures random arrivals, from few to four times the capacity.</summary>
internal static class OverloadExperiment
{
    private const int Clients = 16;
    private const double AtLeast = .9;
    private const int MaxRounds = 3;

    private static readonly double[] Loads = [.1, .25, .5, .75, .9, 1, 1.25, 1.5, 2, 3, 4];

    public static async Task<Result> RunAsync(ServedSystem service, Picture picture, MeasurementPlan plan)
    {
        var saturation = (await service.MeasureAsync(picture, Clients, plan.Before, plan.Window)).Rate;
        var rounds = Math.Min(plan.Rounds, MaxRounds);
        var windows = Loads.Select(_ => new List<Window>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < Loads.Length; i++)
            {
                var level = new Level.Rate(saturation * Loads[i]);
                windows[i].Add(await service.MeasureAsync([picture], level, plan.Before, plan.Window));
            }
        }

        LevelFigures[] figures =
        [
            .. Loads.Select((load, i) => new LevelFigures(new Level.Rate(saturation * load), windows[i], rounds, true))
        ];
        var kept = Enumerable.Range(0, rounds).Select(
            round => windows[^1][round].RateAlone / windows.Max(load => load[round].RateAlone));
        return new Result(
            [Goal.Of("answers at four times saturation over the best", kept, AtLeast, atLeast: true)],
            new Section(
                "Overload",
                "Requests arrive at random times (Poisson) at a web node with one worker, "
                    + $"{Photographs.Name(picture)}; a latency counts from when its request was due. Saturation is the "
                    + $"rate of {Clients} clients without a pause: {Result.Text(saturation)} a second. Requests that "
                    + "can't be answered get 503 and `Retry-After`.",
                [
                    "load / saturation", "requests/s", "answers/s", "without the generator", "refused", "other errors",
                    "p50 ms", "p99 ms",
                ],
                [.. figures.Select((level, i) => Row(Loads[i], level.Total, windows[i]))]));
    }

    private static string[] Row(double load, Window window, List<Window> windows)
    {
        var refused = window.Errors.Where(
            error => error.Key.StartsWith("503", StringComparison.Ordinal)).Sum(error => error.Value);
        return
        [
            Result.Text(load, "0.##"),
            Result.Text(window.Due / window.Elapsed.TotalSeconds),
            Result.Text(window.Rate),
            Result.Text(Result.Rate(windows)),
            $"{refused}",
            $"{window.Failed - refused}",
            Result.Text(window.Milliseconds(50)),
            Result.Text(window.Milliseconds(99)),
        ];
    }
}
