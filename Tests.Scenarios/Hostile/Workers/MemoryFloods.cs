using System.Text;
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
        var (line, json) = (options.Of(40, 95), options.Of(100, 248));
        Flood[] uploads =
        [
            new(
                "uploads of 8 MiB that never end",
                options.Of(32, 64),
                Head("/api/classify", "image/png", 20 * Mebibyte),
                [.. "\x89PNG\r\n\x1a\n"u8, .. new byte[8 * Mebibyte]]),
            new(
                $"part with a header line of {line} MiB",
                1,
                Head("/api/classify", "multipart/form-data; boundary=x", 200 * Mebibyte),
                HeaderLine(line * Mebibyte)),
            new(
                $"JSON bodies of {json} MB",
                2,
                Head("/v2/models/squeezenet1_1/infer", "application/json", 250_000_000),
                Json(json * 1_000_000)),
        ];
        foreach (var flood in uploads)
        {
            await MeasureAsync(service, service.Web, service.WebPort, flood, budget, report);
        }

        var images = new Flood(
            "images of 32 MiB that never end",
            40,
            ProtocolClient.Data("33554432"),
            [.. "D "u8, .. Enumerable.Repeat((byte)'A', options.Of(8, 31) * Mebibyte)]);
        await MeasureAsync(service, service.Worker, service.WorkerPort, images, budget, report);
    }

    private static async Task MeasureAsync(
        ServiceUnderTest service, NodeProcess node, int port, Flood flood, long budget, Report report)
    {
        node.ForgetPeak();
        using var held = await HeldConnections.OpenAsync(port, flood.Count, flood.Head, flood.Body);
        var (_, failed) = await HonestClient.AskAsync(service, 10);
        var peak = node.Footprint().Peak;
        report.Must(
            failed == 0, $"{flood.Count} {flood.What}: {10 - failed} of 10 honest requests answered");
        report.Must(
            peak <= budget + Allowance,
            $"{flood.Count} {flood.What}: peak of {node.Name} {Report.Size(peak)}, budget {Report.Size(budget)} and "
                + $"{Report.Size(Allowance)} more");
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

    /// <summary>Connections to one node, each with these bytes.</summary>
    private sealed record Flood(string What, int Count, byte[] Head, byte[] Body);
}
