using System.Diagnostics;
using Scenarios.Nodes;

namespace Scenarios.Reliability;

/// <summary>A long run without failures: the nodes' resources must not grow.</summary>
internal static class Soak
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        // Threads vary with the runtime's pool, and handles with connections. Young nodes still grow: a test of a few
        // seconds only shows that they don't explode.
        var (memory, threads, handles) = options.Of((.5, 12, 12), (.05, 3, 3));
        await using var cluster = await Cluster.StartAsync(report, options);
        var curves = cluster.Workers
            .Select((worker, number) => new ResourceCurve($"worker {number + 1}", worker.Process))
            .Prepend(new ResourceCurve("web node", cluster.Webs[0].Process))
            .ToList();
        var load = await cluster.LoadAsync(options, over => SampleAsync(curves, options.Duration / 100, over));
        report.Load(load);
        foreach (var curve in curves)
        {
            // The warm-up is the first fifth of the time.
            var before = curve.Median(options.Duration * .2, options.Duration * .3);
            var after = curve.Median(options.Duration * .9, options.Duration);
            var grown = ((double)after.Resident / before.Resident) - 1;
            report.Must(
                grown < memory
                    && after.Threads <= before.Threads + threads
                    && after.Handles <= before.Handles + handles,
                $"{curve.Name}: {before.Resident >> 20} → {after.Resident >> 20} MiB ({grown:+0.0 %;-0.0 %}, "
                    + $"less than {memory:P0}), {before.Threads} → {after.Threads} threads, {before.Handles} → "
                    + $"{after.Handles} handles");
        }
    }

    private static async Task SampleAsync(List<ResourceCurve> curves, TimeSpan interval, CancellationToken over)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(interval < LongestInterval ? interval : LongestInterval);
        do
        {
            curves.ForEach(curve => curve.Sample(clock.Elapsed));
        }
        while (await timer.WaitForNextTickAsync(over));
    }

    /// <summary>The resources of one node over time.</summary>
    private sealed class ResourceCurve(string name, NodeProcess node)
    {
        private readonly List<(TimeSpan At, Footprint Held)> samples = [];

        public string Name => name;

        public void Sample(TimeSpan at) => samples.Add((at, node.Footprint()));

        /// <summary>Returns the median of each quantity by itself, over the samples of this time.</summary>
        public Footprint Median(TimeSpan from, TimeSpan to)
        {
            var some = samples.Where(
                sample => sample.At >= from && sample.At < to).Select(sample => sample.Held).ToList();
            T Middle<T>(Func<Footprint, T> quantity) => some.Count == 0
                ? throw new InvalidOperationException($"{name} was not sampled from {from} to {to}.")
                : some.Select(quantity).Order().ElementAt(some.Count / 2);
            return new Footprint(
                Middle(one => one.Resident),
                Middle(one => one.Peak),
                Middle(one => one.Threads),
                Middle(one => one.Handles));
        }
    }
}
