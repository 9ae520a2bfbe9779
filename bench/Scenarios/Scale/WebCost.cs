using Scenarios.Nodes;
using Scenarios.Traffic;

namespace Scenarios.Bench.Scale;

/// <summary>A web node's cost per picture.</summary>
/// <param name="Requests">The number of measured requests; zero if the cost was given.</param>
/// <param name="Seconds">Seconds of one core per picture.</param>
/// <param name="Bytes">The average size of a picture in bytes.</param>
internal sealed record WebCost(int Requests, double Seconds, double Bytes)
{
    private const int Clients = 16;
    private const double AssumedBytes = 100 * 1024;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    /// <summary>Returns a given cost, for pictures of 100 KiB.</summary>
    public static WebCost Assumed(double seconds) => new(0, seconds, AssumedBytes);

    /// <inheritdoc/>
    public override string ToString() =>
        $"A web node takes {Seconds * 1000:0.00} ms of a core for a picture "
            + $"({(Requests == 0 ? "as given" : $"{Requests:N0} requests")}, {Bytes / 1024:0} KiB on average): "
            + $"{1 / Seconds:N0} pictures a second and core.";

    /// <summary>Measures the processor time of a real web node while it answers requests.</summary>
    public static async Task<WebCost> MeasureAsync()
    {
        using var worker = new WorkerNode(Place.Here);
        await worker.StartAsync();
        var pictures = await LabelledPictures.ReadAsync(Place.Here, worker);
        using var web = await WebNode.StartAsync(Place.Here, [worker.EndPoint]);
        using var client = WebNode.ClientAt(Place.Here);
        await LoadAsync(WarmUp);
        var before = web.Process.ProcessorTime;
        var load = await LoadAsync(Measured);
        var spent = web.Process.ProcessorTime - before;
        return new WebCost(
            load.Requests, spent.TotalSeconds / load.Requests, pictures.Average(picture => picture.Bytes.Length));

        async Task<LoadFigures> LoadAsync(TimeSpan time)
        {
            using var over = new CancellationTokenSource(time);
            return await new ClosedLoop(client, pictures, () => web.Address).RunAsync(Clients, over.Token);
        }
    }
}
