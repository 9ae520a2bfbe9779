using System.Net;
using Scenarios.Nodes;
using Worker.Models;

namespace Compare.Systems;

/// <summary>The running program of bench/PlainPeer.</summary>
internal sealed class Peer : IDisposable
{
    private readonly NodeProcess process;

    private Peer(NodeProcess process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<Peer> StartAsync(ModelFiles files)
    {
        var port = Ports.Free();
        var process = NodeProcess.Start(Tree.Program("bench/PlainPeer"), $"{port}", files.Network, files.Labels!);
        await process.UntilAsync("listening", () => Place.Here.ReachesAsync(new IPEndPoint(IPAddress.Loopback, port)));
        return new Peer(process, new Uri($"http://127.0.0.1:{port}/classify"));
    }

    public void Dispose() => process.Dispose();
}
