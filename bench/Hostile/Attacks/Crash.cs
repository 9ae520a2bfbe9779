using System.Diagnostics;
using System.Globalization;
using Bench.Nodes;
using Hostile.Nodes;

namespace Hostile.Attacks;

/// <summary>A worker that dies as a native crash kills it: the pool goes on without a failed request, and ./run starts it again.</summary>
internal static class Crash
{
    // 128 and the signal, as a shell has it.
    private const int Segmented = 128 + (int)Signal.SegmentationFault;

    public static async Task RunAsync(Scale scale, Report report)
    {
        using (var service = await Service.StartAsync(2))
        {
            await Honest.AskAsync(service, 10);
            var crashes = scale.Of(1, 10);
            var crashing = CrashAsync(service, crashes);
            var users = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Honest.AskWhileAsync(service, crashing)));
            var (asked, failed) = (users.Sum(user => user.Asked), users.Sum(user => user.Failed));
            report.Must(failed == 0, $"{crashes} crashes of two workers in turn, 4 users: {asked - failed} of {asked} requests answered");
        }

        if (scale.IsShort)
        {
            return;
        }

        await RunScriptAsync(report);
    }

    private static async Task CrashAsync(Service service, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await Task.Delay(1500);
            await SegmentAsync(service.WorkerAt(i % 2).Id);
            if (await service.WorkerAt(i % 2).EndedAsync(TimeSpan.FromSeconds(10)) is not Segmented and var code)
            {
                throw new InvalidOperationException($"The worker ended with {code}, which is no crash.");
            }

            await service.StartWorkerAsync(i % 2);
            // Until the web node's checks have found it again.
            await Task.Delay(TimeSpan.FromSeconds(7));
        }
    }

    /// <summary>
    /// .NET's handler of the first one puts the system's own back and returns: a fault of the processor's comes again then, a
    /// signal that was sent does not.
    /// </summary>
    private static async Task SegmentAsync(int process)
    {
        NodeProcess.Send(process, Signal.SegmentationFault);
        await Task.Delay(200);
        NodeProcess.Send(process, Signal.SegmentationFault);
    }

    private static async Task RunScriptAsync(Report report)
    {
        var (web, worker) = (Ports.Free(), Ports.Free());
        using var script = NodeProcess.Start(Path.Combine(Tree.Root, "run"), "--port", $"{web}", "--worker-port", $"{worker}");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{web}") };
        await script.UntilAsync("ready", async () => await StatusAsync(client, "/health/ready") == 200);
        await SegmentAsync(await ProcessAsync(worker));
        var clock = Stopwatch.StartNew();
        await script.UntilAsync("without its worker", async () => !await Service.ListensAsync(worker));
        await script.UntilAsync("back", () => Service.ListensAsync(worker));
        var back = clock.Elapsed;
        await script.UntilAsync("answering", async () => await StatusAsync(client, "/api/classify", Tree.Sample("daisy.png")) == 200);
        report.Must(
            await script.SaysAsync($"The worker on port {worker} ended") is not null,
            string.Create(CultureInfo.InvariantCulture, $"under ./run: the worker listens again {back.TotalSeconds:0.0} s after its crash, and a user is answered after {clock.Elapsed.TotalSeconds:0.0} s"));
    }

    /// <summary>The process of the worker that was told to listen on this port.</summary>
    private static async Task<int> ProcessAsync(int port)
    {
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id) && File.Exists($"{folder}/cmdline"))
            {
                var words = (await File.ReadAllTextAsync($"{folder}/cmdline")).Split('\0');
                if (words[0].EndsWith("/Worker.Cs", StringComparison.Ordinal) && words.Contains($"{port}"))
                {
                    return id;
                }
            }
        }

        throw new InvalidOperationException($"No worker runs on port {port}.");
    }

    private static async Task<int> StatusAsync(HttpClient client, string path, byte[]? picture = null)
    {
        try
        {
            using var content = picture is null ? null : new ByteArrayContent(picture);
            using var answer = content is null ? await client.GetAsync(path) : await client.PostAsync(path, content);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }
}
