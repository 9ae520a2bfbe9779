using Scenarios.Nodes;

namespace Compare.Systems;

/// <summary>A web node and its workers, as processes on given cores.</summary>
internal sealed class Service : IDisposable
{
    private readonly List<WorkerNode> workers = [];
    private WebNode? web;

    public Uri Address => web!.Address;

    /// <summary>The first worker's address.</summary>
    public Uri Worker => new($"dan://{workers[0].EndPoint}");

    /// <summary>
    /// Starts a worker at each of <paramref name="places"/>, and the web node at <paramref name="webPlace"/>.
    /// </summary>
    public static async Task<Service> StartAsync(Place webPlace, params Place[] places)
    {
        var service = new Service();
        try
        {
            service.workers.AddRange(places.Select(place => new WorkerNode(place)));
            await Task.WhenAll(service.workers.Select(worker => worker.StartAsync()));
            service.web = await WebNode.StartAsync(webPlace, service.workers.Select(worker => worker.EndPoint));
            return service;
        }
        catch
        {
            service.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        web?.Dispose();
        workers.ForEach(worker => worker.Dispose());
    }
}
