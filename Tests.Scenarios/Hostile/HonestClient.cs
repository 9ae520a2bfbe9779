using System.Diagnostics;
using Scenarios.Nodes;

namespace Scenarios.Hostile;

/// <summary>An honest client that sends one picture after the other.</summary>
internal static class HonestClient
{
    private static readonly byte[] Picture = Tree.Sample("daisy.png");

    /// <summary>Sends this many requests; returns the times in ms, ascending, and the number of failures.</summary>
    public static async Task<(double[] Milliseconds, int Failed)> AskAsync(ServiceUnderTest service, int times)
    {
        var taken = new List<double>();
        var failed = 0;
        for (var i = 0; i < times; i++)
        {
            var clock = Stopwatch.StartNew();
            failed += await OnceAsync(service) ? 0 : 1;
            taken.Add(clock.Elapsed.TotalMilliseconds);
        }

        taken.Sort();
        return ([.. taken], failed);
    }

    /// <summary>
    /// Sends requests while <paramref name="running"/> runs; returns the number of requests and of failures.
    /// </summary>
    public static async Task<(int Asked, int Failed)> AskWhileAsync(ServiceUnderTest service, Task running)
    {
        var (asked, failed) = (0, 0);
        while (!running.IsCompleted)
        {
            asked++;
            failed += await OnceAsync(service) ? 0 : 1;
        }

        await running;
        return (asked, failed);
    }

    /// <summary>Returns the value that this share of the sorted values does not exceed.</summary>
    public static double Quantile(double[] sorted, double share) =>
        sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)];

    private static async Task<bool> OnceAsync(ServiceUnderTest service)
    {
        try
        {
            return (await service.ClassifyAsync(Picture)).Status == 200;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
