using System.Net.Sockets;
using Scenarios.Nodes;
using Scenarios.Peers;

namespace Scenarios.Hostile;

/// <summary>
/// Runs clients that violate the order of the exchange on the worker's port, beside an honest client.
/// </summary>
internal static class OutOfOrderClients
{
    private static readonly byte[] Picture = Tree.Sample("daisy.png");

    private static readonly (string What, Func<ProtocolClient, Task> Do, string Reason)[] Ways =
    [
        ("never reads its answer", NeverReadsAsync, "the result: no answer in time"),
        ("sends the image before the A", DoesNotWaitAsync, "the size: byte 0x44 is not expected here"),
        ("sends noise for ever", client => ForEverAsync(client, new byte[65_536]), "the size: rejected too often"),
        ("sends an image for ever", SendsOnAsync, "the result: byte 0x44 is not expected here"),
        ("sends an image byte by byte for ever", DripsAsync, "the image: no answer in time"),
        ("says N to every result", RejectsAsync, "the result: rejected too often"),
        ("stops in the middle of its image", StopsAsync, "the image: no answer in time"),
    ];

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var service = await ServiceUnderTest.StartAsync(1);
        var clients = options.Of(2, 20);
        var rude = Task.WhenAll(
            Ways.SelectMany(
                way => Enumerable.Range(0, clients).Select(_ => Task.Run(() => OneAsync(service.WorkerPort, way.Do)))));
        var (asked, failed) = await HonestClient.AskWhileAsync(service, rude);
        report.Must(
            failed == 0,
            $"{Ways.Length * clients} rude clients at once: {asked - failed} of {asked} honest requests answered "
                + "meanwhile");

        // The worker's output arrives a moment later.
        await Task.Delay(500);
        foreach (var kind in Ways.GroupBy(way => way.Reason))
        {
            var cut = service.Worker.Lines.Count(line => IsFailure(line, kind.Key));
            report.Must(
                cut == clients * kind.Count(),
                $"{string.Join(", or ", kind.Select(way => way.What))}: {cut} of {clients * kind.Count()} cut, "
                    + $"\"{kind.Key}\"");
        }
    }

    private static bool IsFailure(string line, string reason) =>
        line.Contains("Exchange failed", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal);

    private static async Task OneAsync(int port, Func<ProtocolClient, Task> act)
    {
        using var client = await ProtocolClient.ConnectAsync(port);
        try
        {
            await act(client);
            await client.ReceiveAllAsync();
        }
        catch (SocketException)
        {
            // The connection was cut during the send.
        }
    }

    private static async Task NeverReadsAsync(ProtocolClient client)
    {
        var (size, image) = ProtocolClient.Show(Picture);
        await client.SendAsync(size);
        await client.ReceiveAsync(1);
        await client.SendAsync(image);
        await Task.Delay(TimeSpan.FromSeconds(7));
    }

    private static async Task DoesNotWaitAsync(ProtocolClient client)
    {
        var (size, image) = ProtocolClient.Show(Picture);
        await client.SendAsync((byte[])[.. size, .. image]);
    }

    private static async Task ForEverAsync(ProtocolClient client, byte[] bytes)
    {
        while (true)
        {
            await client.SendAsync(bytes);
        }
    }

    private static async Task SendsOnAsync(ProtocolClient client)
    {
        var (size, image) = ProtocolClient.Show(Picture);
        await client.SendAsync(size);
        await client.ReceiveAsync(1);
        await ForEverAsync(client, image);
    }

    private static async Task DripsAsync(ProtocolClient client)
    {
        await client.SendAsync(ProtocolClient.Data("33554432"));
        await client.ReceiveAsync(1);
        while (true)
        {
            await client.SendAsync("D"u8.ToArray());
            await Task.Delay(100);
        }
    }

    private static async Task RejectsAsync(ProtocolClient client)
    {
        var (size, image) = ProtocolClient.Show(Picture);
        await client.SendAsync(size);
        await client.ReceiveAsync(1);
        await client.SendAsync(image);
        await client.ReceiveAsync(1);
        for (var i = 0; i < 3; i++)
        {
            await client.ReceiveAsync(1024);
            await client.SendAsync("N"u8.ToArray());
        }
    }

    private static async Task StopsAsync(ProtocolClient client)
    {
        var (size, image) = ProtocolClient.Show(Picture);
        await client.SendAsync(size);
        await client.ReceiveAsync(1);
        await client.SendAsync(image.AsMemory(0, image.Length / 2));
    }
}
