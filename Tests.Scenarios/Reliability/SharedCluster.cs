using Scenarios.Nodes;
using Scenarios.Traffic;

namespace Scenarios.Reliability;

/// <summary>Web nodes that share their list in a Redis, and workers, all on loopback.</summary>
internal sealed class SharedCluster : IDisposable
{
    /// <summary>The number of web nodes.</summary>
    public const int WebCount = 3;

    /// <summary>The number of workers; the last is not on the list yet.</summary>
    public const int WorkerCount = 4;

    private SharedCluster(RedisNode redis) => Redis = redis;

    public RedisNode Redis { get; }

    public IReadOnlyList<WorkerNode> Workers { get; } =
    [
        .. Enumerable.Range(0, WorkerCount).Select(_ => new WorkerNode(Place.Here))
    ];

    public List<WebNode> Webs { get; } = [];

    public IReadOnlyList<LabelledPicture> Pictures { get; private set; } = [];

    /// <summary>Starts the cluster.</summary>
    public static async Task<SharedCluster> StartAsync()
    {
        var cluster = new SharedCluster(new RedisNode());
        try
        {
            await cluster.Redis.StartAsync();
            await Task.WhenAll(cluster.Workers.Select(worker => worker.StartAsync()));
            cluster.Pictures = await LabelledPictures.ReadAsync(Place.Here, cluster.Workers[0]);
            for (var i = 0; i < WebCount; i++)
            {
                // The first web node gets its workers as options, the others from the Redis.
                var told = i == 0 ? cluster.Workers.SkipLast(1).Select(worker => worker.EndPoint) : [];
                cluster.Webs.Add(
                    await WebNode.StartAsync(Place.Here, told, $"--Registry:Redis={cluster.Redis.Address}"));
            }

            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Webs.ForEach(web => web.Dispose());
        foreach (var worker in Workers)
        {
            worker.Dispose();
        }

        Redis.Dispose();
    }
}
