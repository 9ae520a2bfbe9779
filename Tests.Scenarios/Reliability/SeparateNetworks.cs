using System.Net;
using Scenarios.Nodes;
using Scenarios.Proxy;
using Scenarios.Traffic;

namespace Scenarios.Reliability;

/// <summary>A web node and workers that share only network cables.</summary>
internal static class SeparateNetworks
{
    private const int WorkerCount = 2;
    private const int WarmUp = 3;

    private static readonly FaultOptions Far = new() { Delay = TimeSpan.FromMilliseconds(30), BytesPerSecond = 1e6 };

    /// <summary>An outage that TCP alone does not repair, because it exceeds the web node's silence timeout.</summary>
    private static readonly TimeSpan LongOutage = TimeSpan.FromSeconds(7);

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        if (IsolatedNetwork.Missing is { } reason)
        {
            report.Skip(reason);
            return;
        }

        using var network = IsolatedNetwork.Create(WorkerCount);
        var workers = network.Workers.Select(place => new WorkerNode(place)).ToList();
        try
        {
            await Task.WhenAll(workers.Select(worker => worker.StartAsync(network.Web)));
            var pictures = await LabelledPictures.ReadAsync(network.Web, workers[0]);
            report.Pictures(pictures);
            var near = await OneByOneAsync(
                report, "near", network, workers.Select(worker => worker.EndPoint), pictures);
            await FarAsync(report, options, network, workers, pictures, near);
            await UnplugAsync(report, options, network, workers, pictures);
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }
    }

    /// <summary>Sends every picture once, alone, when the nodes are warm: no queue adds to the time.</summary>
    private static async Task<LoadFigures> OneByOneAsync(
        Report report,
        string title,
        IsolatedNetwork network,
        IEnumerable<IPEndPoint> workers,
        IReadOnlyList<LabelledPicture> pictures)
    {
        using var web = await WebNode.StartAsync(network.Web, workers);
        using var client = WebNode.ClientAt(network.Web);
        await new ClosedLoop(client, pictures, () => web.Address).RunAsync(WarmUp);
        var load = await new ClosedLoop(client, pictures, () => web.Address).RunAsync(pictures.Count);
        report.Load(load, title);
        return load;
    }

    private static async Task FarAsync(
        Report report,
        ScenarioOptions options,
        IsolatedNetwork network,
        List<WorkerNode> workers,
        IReadOnlyList<LabelledPicture> pictures,
        LoadFigures near)
    {
        var far = Far with { Seed = options.Seed, NewSocket = network.Web.NewSocket };
        var proxies = workers.Select(
            worker => FaultProxy.Start(new IPEndPoint(IPAddress.Loopback, 0), worker.EndPoint, far)).ToList();
        try
        {
            var load = await OneByOneAsync(report, "far", network, proxies.Select(proxy => proxy.EndPoint), pictures);
            var added = load.Mean - near.Mean;
            var sent = TimeSpan.FromSeconds(pictures.Average(picture => picture.Bytes.Length) / far.BytesPerSecond);
            report.Note(
                $"far: {far.Delay.TotalMilliseconds} ms and {far.BytesPerSecond / 1e6} MB/s each way add "
                    + $"{added.TotalMilliseconds:N0} ms to a picture, of which {sent.TotalMilliseconds:N0} ms are its "
                    + "bytes on the cable");
        }
        finally
        {
            foreach (var proxy in proxies)
            {
                await proxy.DisposeAsync();
            }
        }
    }

    private static async Task UnplugAsync(
        Report report,
        ScenarioOptions options,
        IsolatedNetwork network,
        List<WorkerNode> workers,
        IReadOnlyList<LabelledPicture> pictures)
    {
        var outage = options.Duration / 2 > LongOutage ? options.Duration / 2 : LongOutage;
        using var web = await WebNode.StartAsync(network.Web, workers.Select(worker => worker.EndPoint));
        using var client = WebNode.ClientAt(network.Web);
        using var over = new CancellationTokenSource(options.Duration);
        var running = new ClosedLoop(client, pictures, () => web.Address).RunAsync(options.Clients, over.Token);
        await Task.Delay(options.Duration / 4);
        network.SetLink(options.Seed % WorkerCount, isIn: false);
        await Task.Delay(outage);
        network.SetLink(options.Seed % WorkerCount, isIn: true);
        var load = await running;
        report.Load(load, $"one worker's cable out for {outage.TotalSeconds} s");
        report.Must(load.Retried > 0, "an exchange was under way when the cable was pulled");
    }
}
