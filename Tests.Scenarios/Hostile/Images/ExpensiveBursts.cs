using System.Diagnostics;
using Scenarios.Pictures;

namespace Scenarios.Hostile;

/// <summary>
/// Sends bursts of the most expensive pictures within the limits, eight at once to one worker, beside an honest client.
/// The worker must not be ejected, and the client must be answered.
/// </summary>
internal static class ExpensiveBursts
{
    private const int Burst = 8;

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var service = await ServiceUnderTest.StartAsync(1, "--Pool:CheckSeconds=1");
        var largest = ExpensivePictures.Largest().Append(
            ("PNG of 4,000 x 4,000, interlaced", PngWriter.Black(4000, 4000, interlaced: true))).ToList();
        var alone = 0.0;
        foreach (var (name, file) in largest)
        {
            var clock = Stopwatch.StartNew();
            var (status, _) = await service.ClassifyAsync(file);
            alone = Math.Max(alone, clock.Elapsed.TotalMilliseconds);
            report.Must(status == 200, $"{name} alone: {status} after {clock.Elapsed.TotalMilliseconds:0} ms");
        }

        await HonestClient.AskAsync(service, 10);
        var (quiet, _) = await HonestClient.AskAsync(service, options.Of(10, 50));
        var answers = new List<(int Status, double Milliseconds)>();
        var flood = FloodAsync(service, largest, options.Of(1, 5), answers);
        var user = new List<double>();
        var failed = 0;
        while (!flood.IsCompleted)
        {
            var (times, wrong) = await HonestClient.AskAsync(service, 1);
            user.AddRange(times);
            failed += wrong;
        }

        await flood;
        user.Sort();
        report.Must(
            failed == 0,
            $"{answers.Count} such pictures, {Burst} at once: {user.Count - failed} of {user.Count} honest "
                + "requests answered meanwhile");
        report.Must(
            HonestClient.Quantile([.. user], 0.5) <= (3 * HonestClient.Quantile(quiet, 0.5)) + 50
                && user[^1] < alone + 1000,
            $"an honest request: median {HonestClient.Quantile(quiet, 0.5):0} ms quiet, "
                + $"{HonestClient.Quantile([.. user], 0.5):0} ms under them, {user[^1]:0} ms at most");
        var other = answers.Select(answer => answer.Status).Where(status => status is not (200 or 503)).ToList();
        report.Must(
            other.Count == 0 && answers.Any(answer => answer.Status == 200),
            $"of them {answers.Count(answer => answer.Status == 200)} answered, "
                + $"{answers.Count(answer => answer.Status == 503)} refused as busy (503), each within "
                + $"{answers.Max(answer => answer.Milliseconds):0} ms; other: "
                + $"{string.Join(", ", other)}");
        var put = service.Web.Lines.Count(line => line.Contains("Worker ejected", StringComparison.Ordinal));
        report.Must(put == 0 && !service.Worker.HasEnded, $"the worker was taken out of rotation {put} times");
    }

    private static async Task FloodAsync(
        ServiceUnderTest service, List<(string Name, byte[] File)> files, int rounds, List<(int, double)> answers)
    {
        for (var round = 0; round < rounds; round++)
        {
            answers.AddRange(await Task.WhenAll(Enumerable.Range(0, Burst).Select(async i =>
            {
                var clock = Stopwatch.StartNew();
                var (status, _) = await service.ClassifyAsync(files[i % files.Count].File);
                return (status, clock.Elapsed.TotalMilliseconds);
            })));
        }
    }
}
