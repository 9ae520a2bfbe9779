using System.Diagnostics;
using Bench.Load;
using Bench.Nodes;

namespace Scale;

/// <summary>What a web node spends on a picture.</summary>
/// <param name="Requests">That were measured.</param>
/// <param name="Seconds">Of one core for each.</param>
/// <param name="Bytes">Of a picture on average.</param>
internal sealed record WebCost(int Requests, double Seconds, double Bytes)
{
    private const int Clients = 16;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    /// <summary>The processor time of a real web node over requests for the gallery's pictures, as the system counts it.</summary>
    public static async Task<WebCost> MeasureAsync()
    {
        using var worker = new WorkerNode(Place.Here);
        await worker.StartAsync();
        var pictures = await Gallery.ReadAsync(Place.Here, worker);
        using var web = await WebNode.StartAsync(Place.Here, [worker.EndPoint]);
        using var client = WebNode.ClientAt(Place.Here);
        using var process = Process.GetProcessById(web.Process.Id);
        await LoadAsync(WarmUp);
        process.Refresh();
        var before = process.TotalProcessorTime;
        var load = await LoadAsync(Measured);
        process.Refresh();
        var spent = process.TotalProcessorTime - before;
        return new WebCost(load.Requests, spent.TotalSeconds / load.Requests, pictures.Average(picture => picture.Bytes.Length));

        async Task<LoadFigures> LoadAsync(TimeSpan time)
        {
            using var over = new CancellationTokenSource(time);
            return await new ClosedLoop(client, pictures, () => web.Address).RunAsync(Clients, over.Token);
        }
    }
}
