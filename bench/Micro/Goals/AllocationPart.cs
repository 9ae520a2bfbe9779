using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Bench.Nodes;
using Bench.Output;
using Load.Options;
using Load.Pictures;
using Load.Targets;

namespace Micro.Goals;

/// <summary>Measures a worker's allocation per picture, in its own process and by its own metrics.</summary>
internal static partial class AllocationPart
{
    private const double MostKilobytes = 4;

    public static async Task<Part> RunAsync(MeasurementPlan pace)
    {
        var (port, metrics) = (Ports.Free(), Ports.Free());
        using var worker = NodeProcess.StartNamed(
            "worker", [Tree.Program("Worker.Cs"), "127.0.0.1", $"{port}", "--metrics", $"{metrics}"]);
        await worker.UntilAsync("listening", () => Place.Here.ReachesAsync(new IPEndPoint(IPAddress.Loopback, metrics)));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{metrics}") };
        using var target = Target.Of(new LoadOptions(new Uri($"dan://127.0.0.1:{port}")));
        var kinds = Kinds();
        var rounds = kinds.Select(_ => new List<double>()).ToList();
        // The first turn of each is not counted, because the runtime compiles.
        for (var turn = 0; turn < (pace.Rounds + 1) * kinds.Count; turn++)
        {
            var kind = turn % kinds.Count;
            var before = await AllocatedAsync(http);
            var asking = await AllocatedAsync(http) - before;
            await AskAsync(target, kinds[kind], pace.Pictures);
            var kilobytes = (await AllocatedAsync(http) - before - (2 * asking)) / pace.Pictures / 1000;
            if (turn >= kinds.Count)
            {
                rounds[kind].Add(kilobytes);
            }
        }

        return new Part(
            [
                .. kinds.Select((pictures, kind) => Goal.Of(
                    $"managed allocation in the worker for a picture, beyond the request's own bytes, {Name(pictures)}",
                    rounds[kind], MostKilobytes, atLeast: false, "kB")),
            ],
            new Section(
                "Allocation",
                $"{pace.Pictures} pictures a round and row, by the extended exchange over one kept connection; `dotnet.gc.heap.total_allocated` of the worker's process, without what the scrapes themselves allocate. The request's own bytes lie in rented arrays, which are in it where the pool has to make one; the log's line for each picture is in it too.",
                ["all that the process allocates", "pictures", "kB a picture"],
                [.. kinds.Select((pictures, kind) => (string[])[Name(pictures), $"{pictures.Count}", Part.Text(Goal.Median(rounds[kind]))])]));
    }

    /// <summary>
    /// Returns the samples, and the photographs that are measured elsewhere: JPEG, one of which is decoded at half its
    /// size.
    /// </summary>
    private static List<IReadOnlyList<Picture>> Kinds() =>
        [PictureFolder.Read(Tree.Samples), [.. DecodePart.Photographs.SelectMany(PictureFolder.Read)]];

    private static string Name(IReadOnlyList<Picture> pictures)
    {
        var kind = Path.GetExtension(pictures[0].Name) == ".png" ? "PNG" : "JPEG";
        return $"{kind} of {pictures.Min(one => one.Bytes.Length) / 1000} to {pictures.Max(one => one.Bytes.Length) / 1000} kB";
    }

    private static async Task AskAsync(Target target, IReadOnlyList<Picture> pictures, int times)
    {
        for (var time = 0; time < times; time++)
        {
            if (await target.AskAsync(pictures[time % pictures.Count]) is { } error)
            {
                throw new InvalidOperationException($"The worker does not answer {pictures[time % pictures.Count].Name}: {error}.");
            }
        }
    }

    private static async Task<double> AllocatedAsync(HttpClient http)
    {
        var text = await http.GetStringAsync("/metrics");
        return Allocated().Match(text) is { Success: true } found
            ? double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException("The worker's metrics hold no dotnet.gc.heap.total_allocated.");
    }

    [GeneratedRegex(@"^dotnet_gc_heap_total_allocated_bytes_total(?:\{[^}]*\})? ([0-9.e+]+)", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Allocated();
}
