using System.Net;
using Scenarios.Nodes;
using Scenarios.Proxy;
using Scenarios.Traffic;

namespace Scenarios.Reliability;

/// <summary>Web nodes and workers on loopback, and a load on them.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly List<FaultProxy> proxies = [];
    private readonly HttpClient client = WebNode.ClientAt(Place.Here);

    private Cluster(int workers) =>
        Workers = [.. Enumerable.Range(0, workers).Select(_ => new WorkerNode(Place.Here))];

    public IReadOnlyList<WorkerNode> Workers { get; }

    /// <summary>The proxies, in the order of the given networks.</summary>
    public IReadOnlyList<FaultProxy> Proxies => proxies;

    /// <summary>The Redis with the web nodes' shared list, in a cluster that has one.</summary>
    public RedisNode Redis { get; } = new();

    public List<WebNode> Webs { get; } = [];

    public IReadOnlyList<LabelledPicture> Pictures { get; private set; } = [];

    /// <summary>
    /// Starts web nodes that use the same three workers. The first workers are behind the given networks, the others
    /// have none.
    /// </summary>
    public static Task<Cluster> StartAsync(
        Report report, ScenarioOptions options, int webs = 1, params FaultOptions[] networks) =>
        StartAsync(report, options, new Cluster(workers: 3), async cluster =>
        {
            cluster.proxies.AddRange(
                networks.Select((network, i) => FaultProxy.Start(cluster.Workers[i].EndPoint.Port, network)));
            var addresses = cluster.Proxies.Select(proxy => proxy.EndPoint)
                .Concat(cluster.Workers.Skip(networks.Length).Select(worker => worker.EndPoint)).ToList();
            for (var i = 0; i < webs; i++)
            {
                cluster.Webs.Add(await WebNode.StartAsync(Place.Here, addresses));
            }
        });

    /// <summary>
    /// Starts three web nodes that share their list in a Redis, and four workers. The last worker is not on the list.
    /// The first web node gets the others as options, the other web nodes get them from the Redis.
    /// </summary>
    public static Task<Cluster> StartSharedAsync(Report report, ScenarioOptions options) =>
        StartAsync(report, options, new Cluster(workers: 4), async cluster =>
        {
            await cluster.Redis.StartAsync();
            var addresses = cluster.Workers.SkipLast(1).Select(worker => worker.EndPoint);
            for (var i = 0; i < 3; i++)
            {
                cluster.Webs.Add(await WebNode.StartAsync(
                    Place.Here, i == 0 ? addresses : [], $"--Registry:Redis={cluster.Redis.Address}"));
            }
        });

    /// <summary>
    /// Puts full load on the web node that <paramref name="where"/> returns, for the options' duration.
    /// </summary>
    public async Task<LoadFigures> LoadAsync(
        ScenarioOptions options, Func<Uri> where, Func<CancellationToken, Task> meanwhile)
    {
        using var over = new CancellationTokenSource(options.Duration);
        var load = new ClosedLoop(client, Pictures, where).RunAsync(options.Clients, over.Token);
        try
        {
            await meanwhile(over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The duration is over.
        }
        finally
        {
            await over.CancelAsync();
        }

        return await load;
    }

    /// <summary>Does the same on the first web node.</summary>
    public Task<LoadFigures> LoadAsync(ScenarioOptions options, Func<CancellationToken, Task> meanwhile) =>
        LoadAsync(options, () => Webs[0].Address, meanwhile);

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        Webs.ForEach(web => web.Dispose());
        foreach (var worker in Workers)
        {
            worker.Dispose();
        }

        foreach (var proxy in proxies)
        {
            await proxy.DisposeAsync();
        }

        Redis.Dispose();
    }

    private static async Task<Cluster> StartAsync(
        Report report, ScenarioOptions options, Cluster cluster, Func<Cluster, Task> startWebs)
    {
        try
        {
            await Task.WhenAll(cluster.Workers.Select(worker => worker.StartAsync()));
            cluster.Pictures = await LabelledPictures.ReadAsync(Place.Here, cluster.Workers[0]);
            await startWebs(cluster);
            report.Note(
                $"nodes: {cluster.Webs.Count} web, {cluster.Workers.Count} workers, all on loopback, default settings");
            report.Note(
                $"load: {options.Clients} clients without a pause, {options.Duration.TotalSeconds} s, seed "
                    + $"{options.Seed}");
            report.Pictures(cluster.Pictures);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }
}
