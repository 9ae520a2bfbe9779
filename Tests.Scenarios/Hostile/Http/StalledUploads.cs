using System.Net;
using System.Net.Sockets;
using Scenarios.Hostile;

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
        var sockets = new List<Socket>();
        for (var i = 0; i < 64; i++)
        {
            var socket = await ConnectAsync(service.WebPort);
            sockets.Add(socket);
            await SendAsync(
                socket,
                "POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n"u8.ToArray());
            await SendAsync(socket, begun);
        }

        var (_, failed) = await HonestClient.AskAsync(service, 40);
        report.Must(
            failed == 0, $"64 stalled uploads hold the whole budget: {40 - failed} of 40 honest requests answered");
        sockets.ForEach(socket => socket.Dispose());
    }

    private static async Task ConnectionsAsync(ScenarioOptions options, Report report)
    {
        var most = options.Of(300, 5000);
        using var service = await ServiceUnderTest.StartAsync(1, $"--Http:MaxConnections={most}");
        await HonestClient.AskAsync(service, 5);
        var sockets = new List<Socket>();
        for (var i = 0; i < 2 * most; i++)
        {
            sockets.Add(await ConnectAsync(service.WebPort));
        }

        var (_, failed) = await HonestClient.AskAsync(service, 20);
        report.Must(
            failed == 0,
            $"{2 * most} silent connections, the node accepts {most}: {20 - failed} of 20 honest requests answered");
        using var health = await service.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        using var workers = await service.Client.GetAsync(new Uri("/api/workers", UriKind.Relative));
        report.Must(
            health.IsSuccessStatusCode && workers.IsSuccessStatusCode, "health and administration are answered");
        sockets.ForEach(socket => socket.Dispose());
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

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await socket.SendAsync(bytes)..];
            }
        }
        catch (SocketException)
        {
            // The server closed it in favour of others.
        }
    }
}
