using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Scenarios.Nodes;
using Scenarios.Peers;
using Scenarios.Pictures;

namespace Scenarios.Hostile;

/// <summary>
/// Sends pictures with changed bytes directly to a worker, two at a time: each is refused or classified, none crashes
/// it.
/// </summary>
internal static class MutatedPictures
{
    private const double Patience = 200;

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var service = await ServiceUnderTest.StartAsync(1, "--Pool:CheckSeconds=0");
        var good = SamplePictures.All();
        foreach (var (name, file) in good)
        {
            report.Must(
                await ProtocolClient.AskAsync(service.WorkerPort, file) != "N", $"{name}: unchanged, it is classified");
        }

        await HonestAsync(service, good, options.Of(60, 1000), report);
        var before = service.Worker.Footprint().Resident;
        service.Worker.ForgetPeak();
        var (classified, refused, broken) = (
            new ConcurrentBag<Answered>(), new ConcurrentBag<Answered>(), new ConcurrentQueue<string>());
        var count = options.Of(200, 10_000);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (i, _) =>
        {
            var (name, file) = good[i % good.Count];
            var mutant = Change(file, new Random((options.Seed * 1_000_000) + i));
            try
            {
                var (result, milliseconds) = await AskAsync(service.WorkerPort, mutant);
                (result == "N" ? refused : classified).Add(new Answered($"{name}, number {i}", milliseconds));
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                broken.Enqueue($"{name}, number {i}: {e.Message}");
            }
        });
        report.Must(
            broken.IsEmpty && !service.Worker.HasEnded,
            $"{count} changed pictures: {refused.Count} refused, {classified.Count} classified, {broken.Count} "
                + $"without an answer {broken.FirstOrDefault()}");
        report.Must(
            refused.Max(one => one.Milliseconds) <= Patience,
            $"refused {Times(refused)}; a time is the least of three where it is over {Patience} ms");
        report.Note($"classified {Times(classified)}");
        var more = service.Worker.Footprint().Peak - before;
        report.Must(
            more < 64 << 20,
            $"the worker's memory: {Report.Size(before)} before, up by {Report.Size(more)} at most, "
                + $"{Report.Size(service.Worker.Footprint().Resident)} at the end");
    }

    /// <summary>Measures the worker's memory for as many good pictures, as the baseline for the changed ones.</summary>
    private static async Task HonestAsync(
        ServiceUnderTest service, IReadOnlyList<(string Name, byte[] File)> good, int count, Report report)
    {
        var before = service.Worker.Footprint().Resident;
        service.Worker.ForgetPeak();
        await Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (i, _) => await ProtocolClient.AskAsync(service.WorkerPort, good[i % good.Count].File));
        var most = service.Worker.Footprint().Peak - before;
        report.Note(
            $"for comparison, {count} unchanged ones: the worker's memory {Report.Size(before)} before, up by "
                + $"{Report.Size(most)} at most");
    }

    private static string Times(IEnumerable<Answered> answers)
    {
        var slowest = answers.MaxBy(one => one.Milliseconds)!;
        var median = HonestClient.Quantile([.. answers.Select(one => one.Milliseconds).Order()], 0.5);
        return $"after {median:0} ms in the median, {slowest.Milliseconds:0} ms at most ({slowest.Name})";
    }

    private static async Task<(string Result, double Milliseconds)> AskAsync(int port, byte[] file)
    {
        var (result, least) = ("", double.MaxValue);
        for (var i = 0; i < 3 && least > Patience; i++)
        {
            var clock = Stopwatch.StartNew();
            result = await ProtocolClient.AskAsync(port, file);
            least = Math.Min(least, clock.Elapsed.TotalMilliseconds);
        }

        return (result, least);
    }

    private static byte[] Change(byte[] file, Random random)
    {
        var mutant = (byte[])file.Clone();
        for (var changes = random.Next(1, 9); changes > 0; changes--)
        {
            // Half of the changes are in the headers, which have the most effect.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(128, mutant.Length) : mutant.Length);
            switch (random.Next(5))
            {
                case 0:
                    mutant[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 2:
                    mutant.AsSpan(at, Math.Min(random.Next(1, 5), mutant.Length - at)).Fill(0xFF);
                    break;
                case 3:
                    var from = random.Next(mutant.Length);
                    var length = Math.Min(random.Next(1, 256), mutant.Length - Math.Max(at, from));
                    mutant.AsSpan(from, length).ToArray().CopyTo(mutant.AsSpan(at));
                    break;
                default:
                    mutant = random.Next(8) == 0
                        ? mutant[..Math.Max(16, at)]
                        : [.. mutant[..at], .. mutant[Math.Min(mutant.Length, at + random.Next(8))..]];
                    break;
            }
        }

        // Wrong checksums would prevent any change from reaching the decoder.
        if (mutant.AsSpan(1).StartsWith("PNG"u8) && random.Next(4) > 0)
        {
            PngWriter.WriteChecksums(mutant);
        }

        return mutant;
    }

    private sealed record Answered(string Name, double Milliseconds);
}
