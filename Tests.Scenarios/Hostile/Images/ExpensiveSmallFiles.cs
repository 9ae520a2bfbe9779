using Scenarios.Pictures;

namespace Scenarios.Hostile;

/// <summary>
/// Sends several copies at once of small files that are expensive to decode, beside an honest client. All are answered,
/// about as fast as before, and the worker is not ejected.
/// </summary>
internal static class ExpensiveSmallFiles
{
    private const int Requests = 20;
    private const double Slower = 2000;

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var service = await ServiceUnderTest.StartAsync(1, "--Pool:CheckSeconds=1");
        await HonestClient.AskAsync(service, 10);
        var (quiet, _) = await HonestClient.AskAsync(service, Requests);
        var whole = new[] { (2, 2), (2, 2), (2, 2) };
        var frames = options.Of(120_000, 436_000);
        await FloodAsync(
            service, report, quiet, $"WebP of {frames} frames", WebPWriter.Frames(frames), copies: 3, isRefused: false);
        await FloodAsync(
            service,
            report,
            quiet,
            "progressive JPEG of 2,649 scans",
            new JpegWriter(4096, 4096, whole).Progressive(13),
            copies: 5,
            isRefused: true);
        await FloodAsync(
            service,
            report,
            quiet,
            "progressive JPEG of 1,448 x 1,448 and 2,649 scans",
            new JpegWriter(1448, 1448, whole).Progressive(13),
            copies: 5,
            isRefused: true);
        var put = service.Web.Lines.Count(line => line.Contains("Worker ejected", StringComparison.Ordinal));
        report.Must(put == 0 && !service.Worker.HasEnded, $"the worker was taken out of rotation {put} times");
    }

    private static async Task FloodAsync(
        ServiceUnderTest service, Report report, double[] quiet, string name, byte[] file, int copies, bool isRefused)
    {
        var before = service.Worker.ProcessorTime;
        var flood = Task.WhenAll(Enumerable.Range(0, copies).Select(_ => service.ClassifyAsync(file)));
        var (times, failed) = await HonestClient.AskAsync(service, Requests);
        var answers = await flood;
        var seconds = (service.Worker.ProcessorTime - before).TotalSeconds;
        report.Must(
            answers.All(answer => isRefused ? answer.Status is 413 or 422 : answer.Status == 200),
            $"{copies} copies of a {name}: {string.Join(", ", answers.Select(answer => answer.Status))}");
        report.Must(failed == 0, $"{Requests - failed} of {Requests} honest requests answered meanwhile");
        report.Must(
            times[^1] < quiet[^1] + Slower, $"the slowest of them after {times[^1]:0} ms, {quiet[^1]:0} ms before");
        report.Must(seconds < 5, $"the worker took {seconds:0.0} s of processor time for all of them");
    }
}
