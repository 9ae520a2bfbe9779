using System.Net;
using Scenarios.Nodes;
using Scenarios.Proxy;
using Scenarios.Traffic;

namespace Scenarios.Reliability;

/// <summary>A web node and three workers on loopback, some of them behind a bad network, and a load on them.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private const int WorkerCount = 3;

    private readonly List<FaultProxy> proxies = [];
    private readonly HttpClient client = WebNode.ClientAt(Place.Here);

    private Cluster(IReadOnlyList<WorkerNode> workers) => Workers = workers;

    public IReadOnlyList<WorkerNode> Workers { get; }

    /// <summary>The proxies, in the order of the given networks.</summary>
    public IReadOnlyList<FaultProxy> Proxies => proxies;

    public List<WebNode> Webs { get; } = [];

    public IReadOnlyList<LabelledPicture> Pictures { get; private set; } = [];

    /// <summary>Starts a cluster. The first workers are behind the given networks, the others have none.</summary>
    public static async Task<Cluster> StartAsync(
        Report report, ScenarioOptions options, int webs = 1, params FaultOptions[] networks)
    {
        var cluster = new Cluster([.. Enumerable.Range(0, WorkerCount).Select(_ => new WorkerNode(Place.Here))]);
        try
        {
            await Task.WhenAll(cluster.Workers.Select(worker => worker.StartAsync()));
            cluster.Pictures = await LabelledPictures.ReadAsync(Place.Here, cluster.Workers[0]);
            cluster.proxies.AddRange(
                networks.Select((network, i) => FaultProxy.Start(cluster.Workers[i].EndPoint.Port, network)));
            for (var i = 0; i < webs; i++)
            {
                cluster.Webs.Add(await WebNode.StartAsync(Place.Here, cluster.Workers.Select(cluster.AddressOf)));
            }

            report.Note($"nodes: {webs} web, {WorkerCount} workers, all on loopback, default settings");
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
    }

    private IPEndPoint AddressOf(WorkerNode worker, int number) =>
        number < proxies.Count ? proxies[number].EndPoint : worker.EndPoint;
}
