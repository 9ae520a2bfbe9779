using System.Net;

namespace Bench.Nodes;

/// <summary>A worker with an address of its own, which it keeps when it is started again, and further options of its own.</summary>
public sealed class WorkerNode(Place place, params IReadOnlyList<string> options) : IDisposable
{
    private NodeProcess? process;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; } = new(place.Address, Ports.Free());

    /// <summary>The running program; a new one after every start.</summary>
    /// <exception cref="InvalidOperationException">It was never started.</exception>
    public NodeProcess Process => process ?? throw new InvalidOperationException("The worker was not started.");

    /// <summary>Starts it; until it answers whoever asks from its own place, or from <paramref name="client"/>.</summary>
    public async Task StartAsync(Place? client = null)
    {
        process?.Dispose();
        process = NodeProcess.StartNamed(
            $"worker {EndPoint}",
            [.. place.Enter, Tree.Program("Worker.Cs"), EndPoint.Address.ToString(), $"{EndPoint.Port}", .. options]);
        await process.UntilAsync("listening", () => (client ?? place).ReachesAsync(EndPoint));
    }

    /// <inheritdoc/>
    public void Dispose() => process?.Dispose();
}
