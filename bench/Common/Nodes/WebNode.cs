using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Bench.Nodes;

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

    /// <summary>The service's.</summary>
    public Uri Address { get; }

    /// <summary>
    /// Starts one that takes turns with <paramref name="workers"/> and keeps no list beyond its own life; until it is
    /// ready.
    /// </summary>
    /// <param name="place">Where.</param>
    /// <param name="workers">Theirs, or their proxies', addresses.</param>
    /// <param name="options">As on its command line; its defaults otherwise.</param>
    public static async Task<WebNode> StartAsync(Place place, IEnumerable<IPEndPoint> workers, params string[] options)
    {
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        string[] command =
        [
            .. place.Enter, Tree.Program("Web.Giraffe"), "--port", $"{address.Port}", "--Registry:Path=", "--Admin:TrustLoopback=true",
            .. workers.SelectMany(worker => (string[])["--worker", worker.ToString()]), .. options,
        ];
        var process = NodeProcess.StartNamed($"web node {address.Port}", command);
        var web = new WebNode(process, address, ClientAt(place));
        await process.UntilAsync("ready", web.IsReadyAsync);
        return web;
    }

    /// <summary>An HTTP client whose connections begin in <paramref name="place"/>.</summary>
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

    /// <summary>What <c>/health/ready</c> says; no where nobody answers.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(Address, "health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The rows of <c>/api/workers</c>, in the order of the list.</summary>
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
