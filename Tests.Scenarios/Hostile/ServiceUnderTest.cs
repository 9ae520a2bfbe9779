using System.Net;
using System.Net.Sockets;
using Scenarios.Nodes;

namespace Scenarios.Hostile;

/// <summary>A web node and its workers on loopback, as processes, with a client.</summary>
public sealed class ServiceUnderTest : IDisposable
{
    private readonly List<(int Port, NodeProcess Process)> workers = [];
    private string[] workerOptions = [];

    private ServiceUnderTest()
    {
    }

    /// <summary>The web node.</summary>
    public NodeProcess Web { get; private set; } = null!;

    /// <summary>The address of the web node's pages.</summary>
    public int WebPort { get; } = Ports.Free();

    /// <summary>The client of the web node; every request has its own connection, like strangers' requests.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>The first worker.</summary>
    public NodeProcess Worker => workers[0].Process;

    /// <summary>The port of the first worker.</summary>
    public int WorkerPort => workers[0].Port;

    /// <summary>
    /// Starts <paramref name="count"/> workers and a web node with <paramref name="options"/>; returns when it is
    /// ready.
    /// </summary>
    public static Task<ServiceUnderTest> StartAsync(int count, params string[] options) =>
        StartAsync(count, options, []);

    /// <summary>Does the same, with options for the workers.</summary>
    public static async Task<ServiceUnderTest> StartAsync(int count, string[] options, string[] workerOptions)
    {
        var service = new ServiceUnderTest { workerOptions = workerOptions };
        try
        {
            for (var i = 0; i < count; i++)
            {
                service.workers.Add((Ports.Free(), null!));
                await service.StartWorkerAsync(i);
            }

            await service.StartWebAsync(service.workers.Select(worker => worker.Port), options);
            return service;
        }
        catch
        {
            service.Dispose();
            throw;
        }
    }

    /// <summary>Starts only a web node, for existing workers on these ports.</summary>
    public static async Task<ServiceUnderTest> StartWebAsync(int[] ports, params string[] options)
    {
        var service = new ServiceUnderTest();
        await service.StartWebAsync(ports.AsEnumerable(), options);
        return service;
    }

    /// <summary>Starts a worker, or restarts one that ended.</summary>
    public async Task StartWorkerAsync(int index)
    {
        var port = workers[index].Port;
        workers[index].Process?.Dispose();
        var process = NodeProcess.Start([Tree.Program("Worker.Cs"), "127.0.0.1", $"{port}", .. workerOptions]);
        workers[index] = (port, process);
        await process.UntilAsync("listening", () => ListensAsync(port));
    }

    /// <summary>Returns the worker at this index of the list.</summary>
    public NodeProcess WorkerAt(int index) => workers[index].Process;

    /// <summary>Sends a picture; returns the answer's status and text.</summary>
    public async Task<(int Status, string Text)> ClassifyAsync(byte[] picture, string path = "/api/classify")
    {
        using var content = new ByteArrayContent(picture);
        using var answer = await Client.PostAsync(path, content);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Returns whether this port accepts connections.</summary>
    public static async Task<bool> ListensAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Client?.Dispose();
        Web?.Dispose();
        foreach (var (_, process) in workers)
        {
            process?.Dispose();
        }
    }

    private async Task StartWebAsync(IEnumerable<int> ports, string[] options)
    {
        Web = NodeProcess.Start(
            [
                Tree.Program("Web.Giraffe"), "--port", $"{WebPort}", "--Registry:Path=", "--Http:DrainSeconds=0",
                "--Http:GrpcPort=0", "--Admin:TrustLoopback=true", "--Cache:MaxBytes=0",
                .. ports.SelectMany(port => (string[])["--worker", $"127.0.0.1:{port}"]), .. options,
            ]);
        Client = new HttpClient(
            new SocketsHttpHandler
            {
                UseProxy = false,
                PooledConnectionLifetime = TimeSpan.Zero,
                AllowAutoRedirect = false,
                UseCookies = false,
            })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{WebPort}"),
            Timeout = TimeSpan.FromMinutes(1),
        };
        await Web.UntilAsync("live", () => ListensAsync(WebPort));
    }
}
