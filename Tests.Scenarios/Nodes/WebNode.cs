using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Scenarios.Nodes;

/// <summary>A web node on loopback of its place, and a client there.</summary>
public sealed class WebNode : IDisposable
{
    private readonly HttpClient client;

    private WebNode(NodeProcess process, Uri address, HttpClient client)
    {
        (Process, Address, this.client) = (process, address, client);
    }

    /// <summary>The running program.</summary>
    public NodeProcess Process { get; }

    /// <summary>The address of the service.</summary>
    public Uri Address { get; }

    /// <summary>
    /// Starts a web node that uses <paramref name="workers"/> and does not persist its list; returns when it is ready.
    /// </summary>
    /// <param name="place">The place where it runs.</param>
    /// <param name="workers">The addresses of the workers or of their proxies.</param>
    /// <param name="options">Command-line options; defaults otherwise.</param>
    public static async Task<WebNode> StartAsync(Place place, IEnumerable<IPEndPoint> workers, params string[] options)
    {
        var web = await ListenAsync(place, workers, options);
        await web.Process.UntilAsync("ready", web.IsReadyAsync);
        return web;
    }

    /// <summary>Does the same, but returns when the web node listens: it may have no worker that answers.</summary>
    public static async Task<WebNode> ListenAsync(Place place, IEnumerable<IPEndPoint> workers, params string[] options)
    {
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        string[] command =
        [
            .. place.Enter, Tree.Program("Web.Giraffe"),
            "--port", $"{address.Port}", "--Registry:Path=", "--Http:GrpcPort=0",
            "--Admin:TrustLoopback=true", "--Cache:MaxBytes=0",
            .. workers.SelectMany(worker => (string[])["--worker", worker.ToString()]), .. options,
        ];
        var process = NodeProcess.StartNamed($"web node {address.Port}", command);
        var web = new WebNode(process, address, ClientAt(place));
        await process.UntilAsync(
            "listening", () => place.ReachesAsync(new IPEndPoint(IPAddress.Loopback, address.Port)));
        return web;
    }

    /// <summary>Returns an HTTP client whose connections begin in <paramref name="place"/>.</summary>
    public static HttpClient ClientAt(Place place)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, cancel) =>
            {
                var socket = place.NewSocket();
                try
                {
                    socket.NoDelay = true;
                    await socket.ConnectAsync(context.DnsEndPoint, cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(1) };
    }

    /// <summary>
    /// Returns whether <c>/v2/health/ready</c> succeeds, that is, whether a worker answers; false if there is no
    /// answer.
    /// </summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(Address, "v2/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Returns the rows of <c>/api/workers</c>, in the order of the list.</summary>
    public async Task<IReadOnlyList<WorkerRow>> WorkersAsync()
    {
        await using var answer = await client.GetStreamAsync(new Uri(Address, "api/workers"));
        using var json = await JsonDocument.ParseAsync(answer);
        return [.. json.RootElement.GetProperty("workers").EnumerateArray().Select(WorkerRow.Read)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        Process.Dispose();
    }
}
