using System.Globalization;
using System.Net;
using Bench.Load;
using Bench.Nodes;
using Bench.Proxy;
using Protocol.Core;

namespace Reliability.Scenarios;

/// <summary>A web node and workers that share only network cables.</summary>
public sealed class ApartScenario : Scenario
{
    private const int WorkerCount = 2;
    private const int WarmUp = 3;

    private static readonly FaultOptions Far = new() { Delay = TimeSpan.FromMilliseconds(30), BytesPerSecond = 1e6 };

    /// <summary>An outage that TCP alone does not repair, because it exceeds the web node's silence timeout.</summary>
    private static readonly TimeSpan NotMended = TimeSpan.FromSeconds(7);

    /// <inheritdoc/>
    public override string Name => "apart";

    /// <inheritdoc/>
    public override string Summary => "a web node and two workers in three network namespaces; far apart; a cable is pulled";

    /// <inheritdoc/>
    public override ScenarioOptions Standard => base.Standard with { Duration = TimeSpan.FromSeconds(20) };

    /// <inheritdoc/>
    protected override async Task RunAsync(ScenarioOptions options, Report report)
    {
        if (IsolatedNetwork.Missing is { } reason)
        {
            report.Skip(reason);
            return;
        }

        using var island = IsolatedNetwork.Create(WorkerCount);
        var workers = island.Workers.Select(place => new WorkerNode(place)).ToList();
        try
        {
            await Task.WhenAll(workers.Select(worker => worker.StartAsync(island.Web)));
            var pictures = await Gallery.ReadAsync(island.Web, workers[0]);
            report.Condition("nodes", $"a web node and {WorkerCount} workers, three namespaces, two veth pairs");
            report.Pictures(pictures);
            var near = await OneByOneAsync(report, "near", island, workers.Select(worker => worker.EndPoint), pictures);
            await FarAsync(report, options, island, workers, pictures, near);
            await PullAsync(report, options, island, workers, pictures);
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }
    }

    /// <summary>Sends every picture once, alone, when the nodes are warm: no queue adds to the time.</summary>
    private static async Task<LoadFigures> OneByOneAsync(
        Report report, string title, IsolatedNetwork island, IEnumerable<IPEndPoint> workers, IReadOnlyList<Picture> pictures)
    {
        using var web = await WebNode.StartAsync(island.Web, workers);
        using var client = WebNode.ClientAt(island.Web);
        await new ClosedLoop(client, pictures, () => web.Address).RunAsync(WarmUp);
        var load = await new ClosedLoop(client, pictures, () => web.Address).RunAsync(pictures.Count);
        report.Load(load, title);
        return load;
    }

    private static async Task FarAsync(
        Report report, ScenarioOptions options, IsolatedNetwork island, List<WorkerNode> workers, IReadOnlyList<Picture> pictures, LoadFigures near)
    {
        var far = Far with { Seed = options.Seed, NewSocket = island.Web.NewSocket };
        var proxies = workers.Select(worker => FaultProxy.Start(new IPEndPoint(IPAddress.Loopback, 0), worker.EndPoint, far)).ToList();
        try
        {
            report.Condition("far", $"{far.Delay.TotalMilliseconds} ms each way, {far.BytesPerSecond / 1e6} MB/s each way");
            var load = await OneByOneAsync(report, "far", island, proxies.Select(proxy => proxy.EndPoint), pictures);
            var added = load.Mean - near.Mean;
            var carried = TimeSpan.FromSeconds(pictures.Average(picture => picture.Bytes.Length) / far.BytesPerSecond);
            report.Figure("far, added", string.Create(
                CultureInfo.InvariantCulture,
                $"{added.TotalMilliseconds:N0} ms a picture, of which {carried.TotalMilliseconds:N0} ms are its bytes on the cable"));
        }
        finally
        {
            foreach (var proxy in proxies)
            {
                await proxy.DisposeAsync();
            }
        }
    }

    private static async Task PullAsync(
        Report report, ScenarioOptions options, IsolatedNetwork island, List<WorkerNode> workers, IReadOnlyList<Picture> pictures)
    {
        var outFor = options.Duration / 2 > NotMended ? options.Duration / 2 : NotMended;
        report.Condition("the cable", $"{options.Clients} clients without a pause, {options.Duration.TotalSeconds} s; one worker's is out after a quarter of it, for {outFor.TotalSeconds} s");
        using var web = await WebNode.StartAsync(island.Web, workers.Select(worker => worker.EndPoint));
        using var client = WebNode.ClientAt(island.Web);
        using var over = new CancellationTokenSource(options.Duration);
        var running = new ClosedLoop(client, pictures, () => web.Address).RunAsync(options.Clients, over.Token);
        await Task.Delay(options.Duration / 4);
        island.SetLink(options.Seed % WorkerCount, isIn: false);
        await Task.Delay(outFor);
        island.SetLink(options.Seed % WorkerCount, isIn: true);
        var load = await running;
        report.Load(load, "the cable");
        report.Require(load.Retried > 0, "No exchange was under way when the cable was pulled.");
    }
}
