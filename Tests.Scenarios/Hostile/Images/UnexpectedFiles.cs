using System.Diagnostics;
using Scenarios.Nodes;
using Scenarios.Pictures;

namespace Scenarios.Hostile;

/// <summary>
/// Sends files that are no pictures, or that are unexpectedly expensive, through the web node to a worker.
/// </summary>
internal static class UnexpectedFiles
{
    private const int Most = 64 << 20;
    private const int MostHeld = 512 << 20;
    private const double Patience = 200;

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var service = await ServiceUnderTest.StartAsync(1, "--Pool:CheckSeconds=0");
        var worker = service.Worker;
        foreach (var (_, good) in SamplePictures.All().Concat(SamplePictures.All()))
        {
            await service.ClassifyAsync(good);
        }

        var before = worker.Footprint().Resident;
        worker.ForgetPeak();
        var refused = ExpensivePictures.Refused(options.Seed, options.Of(5, 50)).Concat(
            ExpensivePictures.Cut(options.Of(3, 1))).ToList();
        var slowest = (Milliseconds: 0.0, Name: "");
        var kinds = refused.GroupBy(
            one => one.Name.StartsWith("JPEG cut", StringComparison.Ordinal) ? "JPEG, cut" : one.Name);
        foreach (var kind in kinds)
        {
            var (wrong, most) = (new List<string>(), 0.0);
            foreach (var (name, file) in kind)
            {
                var (status, _, milliseconds) = await AskAsync(service, file);
                most = Math.Max(most, milliseconds);
                if (status is not (413 or 415 or 422))
                {
                    wrong.Add($"{name}: {status}");
                }
            }

            slowest = most > slowest.Milliseconds ? (most, kind.Key) : slowest;
            report.Must(
                wrong.Count == 0 && most <= Patience,
                $"{kind.Key}: {kind.Count()} refused, the slowest after {most:0} ms {string.Join(", ", wrong)}");
        }

        report.Note(
            $"{refused.Count} files; the slowest refusal {slowest.Milliseconds:0} ms ({slowest.Name}); a time is "
                + $"the least of three where it is over {Patience} ms");
        report.Must(
            worker.Footprint().Peak - before < Most,
            $"the worker's memory: {Report.Size(before)} before, up by "
                + $"{Report.Size(worker.Footprint().Peak - before)} at most");

        before = worker.Footprint().Resident;
        worker.ForgetPeak();
        foreach (var (name, file) in ExpensivePictures.Answered())
        {
            var (status, text, milliseconds) = await AskAsync(service, file);
            report.Must(
                status == 200 && milliseconds <= Patience && !text.Contains("<script", StringComparison.Ordinal),
                $"{name}: answered after {milliseconds:0} ms");
        }

        var (_, _, scans) = await AskAsync(service, ExpensivePictures.Scans(options.Of(200, 2000)));
        report.Must(scans < 2000, $"progressive JPEG of {options.Of(200, 2000)} scans: over after {scans:0} ms");
        report.Must(
            worker.Footprint().Peak - before < Most,
            $"the worker's memory: up by {Report.Size(worker.Footprint().Peak - before)} at most");
        if (!options.IsShort)
        {
            await LargestAsync(service, report);
        }

        report.Must(!worker.HasEnded, "the worker runs on");
    }

    /// <summary>
    /// Returns status, text and time of an answer; a slow request is repeated twice, since the machine has other load.
    /// </summary>
    public static async Task<(
        int Status, string Text, double Milliseconds)> AskAsync(ServiceUnderTest service, byte[] file)
    {
        var best = (Status: 0, Text: "", Milliseconds: double.MaxValue);
        for (var i = 0; i < 3 && best.Milliseconds > Patience; i++)
        {
            var clock = Stopwatch.StartNew();
            var (status, text) = await service.ClassifyAsync(file);
            best = (status, text, Math.Min(best.Milliseconds, clock.Elapsed.TotalMilliseconds));
        }

        return best;
    }

    private static async Task LargestAsync(ServiceUnderTest service, Report report)
    {
        var largest = ExpensivePictures.Largest().Select(one => (one.Name, one.File, Most));
        var whole = ExpensivePictures.Whole().Select(one => (one.Name, one.File, MostHeld + Most));
        foreach (var (name, file, most) in largest.Concat(whole))
        {
            var before = service.Worker.Footprint().Resident;
            service.Worker.ForgetPeak();
            var (status, _, milliseconds) = await AskAsync(service, file);
            var more = service.Worker.Footprint().Peak - before;
            report.Must(
                status == 200 && more < most,
                $"{name}, {file.Length / 1024} KB: {status} after {milliseconds:0} ms, memory up by "
                    + $"{Report.Size(more)}");
        }
    }
}
