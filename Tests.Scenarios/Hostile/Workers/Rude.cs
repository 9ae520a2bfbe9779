using System.Net.Sockets;
using Bench.Nodes;
using Hostile.Nodes;
using Hostile.Peers;

namespace Hostile.Attacks;

/// <summary>
/// Runs clients that violate the order of the exchange on the worker's port, beside an honest client.
/// </summary>
internal static class Rude
{
    private static readonly byte[] Picture = Tree.Sample("daisy.png");

    private static readonly (string What, Func<ProtocolClient, Task> Do, string Named)[] Ways =
    [
        ("never reads its answer", NeverReadsAsync, "the result: no answer in time"),
        ("sends the image before the A", DoesNotWaitAsync, "the size: byte 0x44 came where nothing was due"),
        ("sends noise for ever", dan => ForEverAsync(dan, new byte[65_536]), "the size: rejected too often"),
        ("sends an image for ever", SendsOnAsync, "the result: byte 0x44 came where nothing was due"),
        ("sends an image byte by byte for ever", DripsAsync, "the image: no answer in time"),
        ("says N to every result", RejectsAsync, "the result: rejected too often"),
        ("stops in the middle of its image", StopsAsync, "the image: no answer in time"),
    ];

    public static async Task RunAsync(Scale scale, Report report)
    {
        using var service = await Service.StartAsync(1);
        var clients = scale.Of(2, 20);
        var rude = Task.WhenAll(Ways.SelectMany(way => Enumerable.Range(0, clients).Select(_ => Task.Run(() => OneAsync(service.WorkerPort, way.Do)))));
        var (asked, failed) = await Honest.AskWhileAsync(service, rude);
        report.Must(failed == 0, $"{Ways.Length * clients} rude clients at once: {asked - failed} of {asked} honest requests answered meanwhile");

        // The worker's output arrives a moment later.
        await Task.Delay(500);
        foreach (var kind in Ways.GroupBy(way => way.Named))
        {
            var cut = service.Worker.Lines.Count(line => Says(line, kind.Key));
            report.Must(cut == clients * kind.Count(), $"{string.Join(", or ", kind.Select(way => way.What))}: {cut} of {clients * kind.Count()} cut, \"{kind.Key}\"");
        }
    }

    private static bool Says(string line, string named) =>
        line.Contains("Exchange failed", StringComparison.Ordinal) && line.Contains(named, StringComparison.Ordinal);

    private static async Task OneAsync(int port, Func<ProtocolClient, Task> act)
    {
        using var dan = await ProtocolClient.ConnectAsync(port);
        try
        {
            await act(dan);
            await dan.ReceiveAllAsync();
        }
        catch (SocketException)
        {
            // The connection was cut during the send.
        }
    }

    private static async Task NeverReadsAsync(ProtocolClient dan)
    {
        var (size, image) = ProtocolClient.Show(Picture);
        await dan.SendAsync(size);
        await dan.ReceiveAsync(1);
        await dan.SendAsync(image);
        await Task.Delay(TimeSpan.FromSeconds(7));
    }

    private static async Task DoesNotWaitAsync(ProtocolClient dan)
    {
        var (size, image) = ProtocolClient.Show(Picture);
        await dan.SendAsync((byte[])[.. size, .. image]);
    }

    private static async Task ForEverAsync(ProtocolClient dan, byte[] bytes)
    {
        while (true)
        {
            await dan.SendAsync(bytes);
        }
    }

    private static async Task SendsOnAsync(ProtocolClient dan)
    {
        var (size, image) = ProtocolClient.Show(Picture);
        await dan.SendAsync(size);
        await dan.ReceiveAsync(1);
        await ForEverAsync(dan, image);
    }

    private static async Task DripsAsync(ProtocolClient dan)
    {
        await dan.SendAsync(ProtocolClient.Data("33554432"));
        await dan.ReceiveAsync(1);
        while (true)
        {
            await dan.SendAsync("D"u8.ToArray());
            await Task.Delay(100);
        }
    }

    private static async Task RejectsAsync(ProtocolClient dan)
    {
        var (size, image) = ProtocolClient.Show(Picture);
        await dan.SendAsync(size);
        await dan.ReceiveAsync(1);
        await dan.SendAsync(image);
        await dan.ReceiveAsync(1);
        for (var i = 0; i < 3; i++)
        {
            await dan.ReceiveAsync(1024);
            await dan.SendAsync("N"u8.ToArray());
        }
    }

    private static async Task StopsAsync(ProtocolClient dan)
    {
        var (size, image) = ProtocolClient.Show(Picture);
        await dan.SendAsync(size);
        await dan.ReceiveAsync(1);
        await dan.SendAsync(image.AsMemory(0, image.Length / 2));
    }
}
