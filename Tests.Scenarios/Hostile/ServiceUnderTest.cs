using System.Net;
using Scenarios.Nodes;

namespace Scenarios.Hostile;

/// <summary>A web node and its workers on loopback, as processes, with a client.</summary>
public sealed class ServiceUnderTest : IDisposable
{
    private readonly IReadOnlyList<WorkerNode> workers;
    private readonly WebNode web;

    private ServiceUnderTest(IReadOnlyList<WorkerNode> workers, WebNode web)
    {
        (this.workers, this.web) = (workers, web);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            AllowAutoRedirect = false,
            UseCookies = false,
        };
        Client = new HttpClient(handler) { BaseAddress = web.Address, Timeout = TimeSpan.FromMinutes(1) };
    }

    /// <summary>The web node.</summary>
    public NodeProcess Web => web.Process;

    /// <summary>The port of the web node's pages.</summary>
    public int WebPort => web.Address.Port;

    /// <summary>The client of the web node; every request has its own connection, like strangers' requests.</summary>
    public HttpClient Client { get; }

    /// <summary>The first worker.</summary>
    public NodeProcess Worker => workers[0].Process;

    /// <summary>The port of the first worker.</summary>
    public int WorkerPort => workers[0].EndPoint.Port;

    /// <summary>Starts workers and a web node with <paramref name="options"/>; returns when all listen.</summary>
    public static Task<ServiceUnderTest> StartAsync(int count, params string[] options) =>
        StartAsync(count, options, []);

    /// <summary>Does the same, with options for the workers.</summary>
    public static async Task<ServiceUnderTest> StartAsync(int count, string[] options, string[] workerOptions)
    {
        var workers = Enumerable.Range(0, count).Select(_ => new WorkerNode(Place.Here, workerOptions)).ToList();
        try
        {
            await Task.WhenAll(workers.Select(worker => worker.StartAsync()));
            var web = await WebNode.ListenAsync(Place.Here, workers.Select(worker => worker.EndPoint), options);
            return new ServiceUnderTest(workers, web);
        }
        catch
        {
            workers.ForEach(worker => worker.Dispose());
            throw;
        }
    }

    /// <summary>Starts only a web node, for existing workers on these ports.</summary>
    public static async Task<ServiceUnderTest> StartWebAsync(int[] ports, params string[] options) => new(
        [],
        await WebNode.ListenAsync(
            Place.Here, ports.Select(port => new IPEndPoint(IPAddress.Loopback, port)), options));

    /// <summary>Restarts a worker that ended.</summary>
    public Task RestartWorkerAsync(int index) => workers[index].StartAsync();

    /// <summary>Returns the worker at this index of the list.</summary>
    public NodeProcess WorkerAt(int index) => workers[index].Process;

    /// <summary>Sends a picture; returns the answer's status and text.</summary>
    public async Task<(int Status, string Text)> ClassifyAsync(byte[] picture, string path = "/api/classify")
    {
        using var content = new ByteArrayContent(picture);
        using var answer = await Client.PostAsync(path, content);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        web.Dispose();
        foreach (var worker in workers)
        {
            worker.Dispose();
        }
    }
}
