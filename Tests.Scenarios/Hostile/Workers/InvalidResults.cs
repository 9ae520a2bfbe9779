using System.Diagnostics;
using Scenarios.Nodes;
using Scenarios.Peers;

namespace Scenarios.Hostile;

/// <summary>Runs a worker with invalid results: they are refused as malformed, or shown escaped.</summary>
internal static class InvalidResults
{
    private const string Markup = "<script>alert(1)</script><img src=x onerror=alert(2)>&\"'";

    private static readonly byte[] Picture = Tree.Sample("daisy.png");

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var liar = new LyingWorker();
        // The worker uses the plain exchange; the protocol's own tests cover invalid results of the extended one.
        using var service = await ServiceUnderTest.StartWebAsync(
            [liar.Port],
            "--Client:Exchange=Plain",
            "--Pool:CheckSeconds=0",
            "--Pool:FirstRetrySeconds=0.01",
            "--Pool:LongestRetrySeconds=0.01");
        await MarkupAsync(liar, service, report);
        liar.Result = () => [LyingWorker.Payload("Samoyed:2.5")];
        var (status, _) = await service.ClassifyAsync(Picture);
        var error = await ErrorAsync(service);
        report.Must(
            status == 503 && error.Contains("a probability is not between 0 and 1", StringComparison.Ordinal),
            $"a probability of 2.5: {status}, the worker is out, \"{error}\"");
        await Task.Delay(50);
        await HugeAsync(options, liar, service, report);
    }

    private static async Task MarkupAsync(LyingWorker liar, ServiceUnderTest service, Report report)
    {
        liar.Result = () => [LyingWorker.Payload($"{Markup}:0.9,\u202Egnp.exe\u0007:0.05")];
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Picture), "file", "a.png" } };
        using var page = await service.Client.PostAsync("/", form);
        var html = await page.Content.ReadAsStringAsync();
        report.Must(
            (int)page.StatusCode == 200
                && !html.Contains("<img src=x", StringComparison.Ordinal)
                && !html.Contains("<script>alert", StringComparison.Ordinal)
                && html.Contains("&lt;script&gt;", StringComparison.Ordinal),
            "a label of markup: escaped on the page");
        var (status, json) = await service.ClassifyAsync(Picture);
        report.Must(
            status == 200 && !json.Contains('<', StringComparison.Ordinal), "a label of markup: escaped in the JSON");
    }

    private static async Task HugeAsync(
        ScenarioOptions options, LyingWorker liar, ServiceUnderTest service, Report report)
    {
        // A digit without an end: only the limit stops it.
        var block = new byte[1 << 20];
        block.AsSpan().Fill((byte)'5');
        var blocks = options.Of(64, 1024);
        liar.Result = () => Enumerable.Repeat(block, blocks).Prepend("D Samoyed:0."u8.ToArray());
        await Task.Delay(100);
        var (before, sent) = (service.Web.Footprint().Resident, liar.Sent);
        service.Web.ForgetPeak();
        var clock = Stopwatch.StartNew();
        var (status, _) = await service.ClassifyAsync(Picture);
        var error = await ErrorAsync(service);
        var more = service.Web.Footprint().Peak - before;
        report.Must(
            status == 503 && error.Contains("the result is longer than", StringComparison.Ordinal) && more < 64 << 20,
            $"a result of {blocks} MiB: 503 after {clock.ElapsedMilliseconds} ms, \"{error}\", "
                + $"{Report.Size(liar.Sent - sent)} of it left the worker, the web node's memory up by "
                + $"{Report.Size(more)}");
    }

    private static async Task<string> ErrorAsync(ServiceUnderTest service)
    {
        using var workers = System.Text.Json.JsonDocument.Parse(await service.Client.GetStringAsync("/api/workers"));
        return workers.RootElement.GetProperty("workers")[0].GetProperty("lastError").GetString() ?? "";
    }
}
