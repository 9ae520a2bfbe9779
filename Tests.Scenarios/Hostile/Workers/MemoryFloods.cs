using System.Net;
using System.Net.Sockets;
using System.Text;
using Scenarios.Hostile;
using Scenarios.Nodes;
using Scenarios.Peers;

namespace Scenarios.Hostile;

/// <summary>
/// Sends bytes that the nodes must buffer; measures each node's peak memory, and whether honest clients are still
/// answered.
/// </summary>
internal static class MemoryFloods
{
    private const int Mebibyte = 1 << 20;
    private const long Allowance = 150L * Mebibyte;

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        var budget = options.Of(96, 256) * (long)Mebibyte;
        using var service = await ServiceUnderTest.StartAsync(
            1, [$"--Upload:MaxBuffered={budget}"], ["--max-buffered", $"{budget}"]);
        await HonestClient.AskAsync(service, 10);
        var upload = new byte[(8 * Mebibyte) + 1];
        "\x89PNG\r\n\x1a\n"u8.CopyTo(upload);
        await WebAsync(service, report, budget, $"{options.Of(32, 64)} uploads of 8 MiB + 1 byte that never end", () =>
            HoldAsync(service.WebPort, options.Of(32, 64), Head("/api/classify", "image/png", 20 * Mebibyte), upload));
        await WebAsync(service, report, budget, "a part's header line of 95 MiB", () =>
            HoldAsync(
                service.WebPort,
                1,
                Head("/api/classify", "multipart/form-data; boundary=x", 200 * Mebibyte),
                HeaderLine(options.Of(40, 95) * Mebibyte)));
        await WebAsync(service, report, budget, $"two JSON bodies of {options.Of(100, 248)} MB", () =>
            HoldAsync(
                service.WebPort,
                2,
                Head("/v2/models/squeezenet1_1/infer", "application/json", 250_000_000),
                Json(options.Of(100, 248) * 1_000_000)));
        const string images = "40 images of 32 MiB that never end";
        await MeasureAsync(service, report, service.Worker.Id, "worker", budget, images, () =>
            HoldAsync(
                service.WorkerPort,
                40,
                ProtocolClient.Data("33554432"),
                [.. "D "u8, .. Enumerable.Repeat((byte)'A', options.Of(8, 31) * Mebibyte)]));
    }

    private static Task WebAsync(
        ServiceUnderTest service, Report report, long budget, string what, Func<Task<List<Socket>>> flood) =>
        MeasureAsync(service, report, service.Web.Id, "web node", budget, what, flood);

    private static async Task MeasureAsync(
        ServiceUnderTest service,
        Report report,
        int process,
        string node,
        long budget,
        string what,
        Func<Task<List<Socket>>> flood)
    {
        Footprint.ForgetPeak(process);
        var sockets = await flood();
        var (_, failed) = await HonestClient.AskAsync(service, 10);
        var peak = Footprint.Of(process).Peak;
        report.Must(failed == 0, $"{what}: {10 - failed} of 10 honest requests answered");
        report.Must(
            peak <= budget + Allowance,
            $"{what}: {node}'s peak {Report.Size(peak)}, budget {Report.Size(budget)} and "
                + $"{Report.Size(Allowance)} more");
        sockets.ForEach(socket => socket.Dispose());
    }

    /// <summary>Opens connections that send as much as the node accepts, and stay open.</summary>
    private static async Task<List<Socket>> HoldAsync(int port, int count, byte[] head, byte[] body)
    {
        var sockets = new List<Socket>();
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, late.Token);
                await socket.SendAsync(head, late.Token);
                for (var rest = body.AsMemory(); !rest.IsEmpty;)
                {
                    rest = rest[await socket.SendAsync(rest, late.Token)..];
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The server closed it in favour of others, or refused it.
            }
        }

        return sockets;
    }

    private static byte[] Head(string path, string type, int length) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n\r\n");

    private static byte[] HeaderLine(int length) =>
        [
            .. "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\""u8,
            .. Enumerable.Repeat((byte)'a', length),
        ];

    private static byte[] Json(int length)
    {
        var text = new StringBuilder("""{"inputs":[{"name":"image","shape":[12],"datatype":"BYTES","data":[""", length);
        var picture = new byte[18 * Mebibyte];
        "\x89PNG\r\n\x1a\n"u8.CopyTo(picture);
        var element = Convert.ToBase64String(picture);
        while (text.Length < length)
        {
            text.Append('"').Append(
                element, 0, Math.Min(element.Length, Math.Max(0, length - text.Length))).Append("\",");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
