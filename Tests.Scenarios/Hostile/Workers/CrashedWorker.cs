using System.Diagnostics;
using System.Net;
using Scenarios.Nodes;

namespace Scenarios.Hostile;

/// <summary>
/// Crashes a worker as native code would: the pool continues without a failed request, and ./run restarts the worker.
/// </summary>
internal static class CrashedWorker
{
    // 128 plus the signal number, as in a shell.
    private const int Segmented = 128 + (int)Signal.SegmentationFault;

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using (var service = await ServiceUnderTest.StartAsync(2))
        {
            await HonestClient.AskAsync(service, 10);
            var crashes = options.Of(1, 10);
            var crashing = CrashAsync(service, crashes);
            var users = await Task.WhenAll(
                Enumerable.Range(0, 4).Select(_ => HonestClient.AskWhileAsync(service, crashing)));
            var (asked, failed) = (users.Sum(user => user.Asked), users.Sum(user => user.Failed));
            report.Must(
                failed == 0,
                $"{crashes} crashes of two workers in step, 4 users: {asked - failed} of {asked} requests answered");
        }

        if (options.IsShort)
        {
            return;
        }

        await RunScriptAsync(report);
    }

    private static async Task CrashAsync(ServiceUnderTest service, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await Task.Delay(1500);
            await SegmentAsync(service.WorkerAt(i % 2).Id);
            if (await service.WorkerAt(i % 2).EndedAsync(TimeSpan.FromSeconds(10)) is not Segmented and var code)
            {
                throw new InvalidOperationException($"The worker ended with {code}, which is no crash.");
            }

            await service.RestartWorkerAsync(i % 2);
            // Wait until the web node's health checks have found it again.
            await Task.Delay(TimeSpan.FromSeconds(7));
        }
    }

    /// <summary>
    /// Crashes a process with two signals. .NET's handler restores the system's own on the first one and returns: a
    /// processor fault then recurs, a sent signal does not.
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
        using var script = NodeProcess.Start(
            Path.Combine(Tree.Root, "run"), "--port", $"{web}", "--worker-port", $"{worker}");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{web}") };
        await script.UntilAsync("ready", async () => await StatusAsync(client, "/v2/health/ready") == 200);
        await SegmentAsync(await ProcessAsync(worker));
        var clock = Stopwatch.StartNew();
        await script.UntilAsync("without its worker", async () => !await ListensAsync());
        await script.UntilAsync("back", ListensAsync);
        var back = clock.Elapsed;
        await script.UntilAsync(
            "answering", async () => await StatusAsync(client, "/api/classify", Tree.Sample("daisy.png")) == 200);
        report.Must(
            await script.FindLineAsync($"The worker on port {worker} ended") is not null,
            $"under ./run: the worker listens again {back.TotalSeconds:0.0} s after its crash, and a user is "
                + $"answered after {clock.Elapsed.TotalSeconds:0.0} s");

        Task<bool> ListensAsync() => Place.Here.ReachesAsync(new IPEndPoint(IPAddress.Loopback, worker));
    }

    /// <summary>Returns the process of the worker that listens on this port.</summary>
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
