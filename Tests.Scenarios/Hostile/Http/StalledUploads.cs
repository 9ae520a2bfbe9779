namespace Scenarios.Hostile;

/// <summary>Sends uploads that stop, silent connections, and bodies that are refused before they are read.</summary>
internal static class StalledUploads
{
    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        await UploadsAsync(report);
        await ConnectionsAsync(options, report);
        await RefusalsAsync(options, report);
    }

    private static async Task UploadsAsync(Report report)
    {
        using var service = await ServiceUnderTest.StartAsync(1, "--Upload:MaxBuffered=67108864");
        await HonestClient.AskAsync(service, 5);
        var begun = new byte[(1 << 20) + 1];
        "\x89PNG\r\n\x1a\n"u8.CopyTo(begun);
        var head = "POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n"u8.ToArray();
        using var held = await HeldConnections.OpenAsync(service.WebPort, 64, head, begun);
        var (_, failed) = await HonestClient.AskAsync(service, 40);
        report.Must(
            failed == 0, $"64 stalled uploads hold the whole budget: {40 - failed} of 40 honest requests answered");
    }

    private static async Task ConnectionsAsync(ScenarioOptions options, Report report)
    {
        var most = options.Of(300, 5000);
        using var service = await ServiceUnderTest.StartAsync(1, $"--Http:MaxConnections={most}");
        await HonestClient.AskAsync(service, 5);
        using var held = await HeldConnections.OpenAsync(service.WebPort, 2 * most);
        var (_, failed) = await HonestClient.AskAsync(service, 20);
        report.Must(
            failed == 0,
            $"{2 * most} silent connections, the node accepts {most}: {20 - failed} of 20 honest requests answered");
        using var health = await service.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        using var workers = await service.Client.GetAsync(new Uri("/api/workers", UriKind.Relative));
        report.Must(
            health.IsSuccessStatusCode && workers.IsSuccessStatusCode, "health and administration are answered");
    }

    private static async Task RefusalsAsync(ScenarioOptions options, Report report)
    {
        using var service = await ServiceUnderTest.StartAsync(
            1, "--Upload:MaxBytes=1000000", "--Upload:MaxRequest=2000000");
        var times = options.Of(3, 10);
        (string Path, int Status)[] refusals =
        [
            ("/nowhere", 404), ("/health/live", 405), ("/api/classify?top=0", 400), ("/api/classify", 413), ("/", 413),
        ];
        foreach (var (path, status) in refusals)
        {
            var arrived = 0;
            for (var i = 0; i < times; i++)
            {
                arrived += await StatusAsync(service, path) == status ? 1 : 0;
            }

            report.Must(
                arrived == times, $"a body of 10 MB to {path}: {status} reached HttpClient {arrived} of {times} times");
        }
    }

    private static async Task<int> StatusAsync(ServiceUnderTest service, string path)
    {
        try
        {
            return (await service.ClassifyAsync(new byte[10_000_000], path)).Status;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }
}
