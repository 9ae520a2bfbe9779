using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Bench.Nodes;
using Hostile.Nodes;
using Hostile.Peers;
using Hostile.Pictures;

namespace Hostile.Attacks;

/// <summary>Pictures with bytes changed, straight to a worker, two at a time: each is refused or named, none crashes it.</summary>
internal static class Mutants
{
    private const double Patience = 200;

    public static async Task RunAsync(Scale scale, Report report)
    {
        using var service = await Service.StartAsync(1, "--Pool:CheckSeconds=0");
        var good = Drawn.All();
        foreach (var (name, file) in good)
        {
            report.Must(await Dan.AskAsync(service.WorkerPort, file) != "N", $"{name}: unchanged, it is named");
        }

        var before = service.Worker.Footprint().Resident;
        service.Worker.ForgetPeak();
        var (named, refused, broken) = (0, 0, new ConcurrentQueue<string>());
        var times = new ConcurrentBag<double>();
        var count = scale.Of(200, 10_000);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (i, _) =>
        {
            var mutant = Change(good[i % good.Count].File, new Random((scale.Seed * 1_000_000) + i));
            try
            {
                var (result, milliseconds) = await AskAsync(service.WorkerPort, mutant);
                if (result == "N")
                {
                    times.Add(milliseconds);
                    Interlocked.Increment(ref refused);
                }
                else
                {
                    Interlocked.Increment(ref named);
                }
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                broken.Enqueue($"{good[i % good.Count].Name}, number {i}: {e.Message}");
            }
        });
        report.Must(broken.IsEmpty && !service.Worker.HasEnded, $"{count} changed pictures: {refused} refused, {named} still pictures and named, {broken.Count} without an answer {broken.FirstOrDefault()}");
        var sorted = times.Order().ToArray();
        report.Must(sorted[^1] <= Patience, string.Create(CultureInfo.InvariantCulture, $"refused after {Honest.Quantile(sorted, 0.5):0} ms in the median, {sorted[^1]:0} ms at most; a time is the least of three where it is over {Patience} ms"));
        var more = service.Worker.Footprint().Peak - before;
        report.Must(more < 64 << 20, $"the worker's memory: {Report.Size(before)} before, up by {Report.Size(more)} at most");
    }

    private static async Task<(string Result, double Milliseconds)> AskAsync(int port, byte[] file)
    {
        var (result, least) = ("", double.MaxValue);
        for (var i = 0; i < 3 && least > Patience; i++)
        {
            var clock = Stopwatch.StartNew();
            result = await Dan.AskAsync(port, file);
            least = Math.Min(least, clock.Elapsed.TotalMilliseconds);
        }

        return (result, least);
    }

    private static byte[] Change(byte[] file, Random random)
    {
        var mutant = (byte[])file.Clone();
        for (var changes = random.Next(1, 9); changes > 0; changes--)
        {
            // Headers decide most, so half of the changes are there.
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
                    mutant = random.Next(8) == 0 ? mutant[..Math.Max(16, at)] : [.. mutant[..at], .. mutant[Math.Min(mutant.Length, at + random.Next(8))..]];
                    break;
            }
        }

        // Wrong checksums would keep every change from the decoder behind them.
        if (mutant.AsSpan(1).StartsWith("PNG"u8) && random.Next(4) > 0)
        {
            Png.Seal(mutant);
        }

        return mutant;
    }
}
