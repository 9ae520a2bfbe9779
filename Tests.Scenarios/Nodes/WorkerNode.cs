using System.Net;

namespace Scenarios.Nodes;

/// <summary>A worker with its own address, kept across restarts.</summary>
/// <param name="place">The place where it runs.</param>
/// <param name="options">Command-line options; defaults otherwise.</param>
public sealed class WorkerNode(Place place, params string[] options) : IDisposable
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
            [.. place.Enter, Tree.Program("Worker.Cs"), $"{EndPoint.Address}", $"{EndPoint.Port}", .. options]);
        await process.UntilAsync("listening", () => (client ?? place).ReachesAsync(EndPoint));
    }

    /// <inheritdoc/>
    public void Dispose() => process?.Dispose();
}
