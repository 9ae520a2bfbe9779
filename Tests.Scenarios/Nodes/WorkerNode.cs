using System.Net;

namespace Scenarios.Nodes;

/// <summary>A worker with its own address, kept across restarts.</summary>
public sealed class WorkerNode(Place place) : IDisposable
{
    private NodeProcess? process;

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint EndPoint { get; } = new(place.Address, Ports.Free());

    /// <summary>The running program; replaced by every start.</summary>
    /// <exception cref="InvalidOperationException">It was never started.</exception>
    public NodeProcess Process => process ?? throw new InvalidOperationException("The worker was not started.");

    /// <summary>Starts it; returns when it answers from its own place, or from <paramref name="client"/>.</summary>
    public async Task StartAsync(Place? client = null)
    {
        process?.Dispose();
        process = NodeProcess.StartNamed(
            $"worker {EndPoint}",
            [.. place.Enter, Tree.Program("Worker.Cs"), EndPoint.Address.ToString(), $"{EndPoint.Port}"]);
        await process.UntilAsync("listening", () => (client ?? place).ReachesAsync(EndPoint));
    }

    /// <inheritdoc/>
    public void Dispose() => process?.Dispose();
}
