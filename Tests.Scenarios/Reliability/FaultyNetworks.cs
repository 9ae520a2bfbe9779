using Scenarios.Proxy;

namespace Scenarios.Reliability;

/// <summary>Puts workers behind bad networks; the workers after those have none.</summary>
internal static class FaultyNetworks
{
    public static async Task RunAsync(FaultOptions[] networks, ScenarioOptions options, Report report)
    {
        var seeded = networks.Select((network, i) => network with { Seed = options.Seed + i }).ToArray();
        await using var cluster = await Cluster.StartAsync(report, options, 1, seeded);
        var load = await cluster.LoadAsync(options, over => Task.Delay(Timeout.Infinite, over));
        var faults = cluster.Proxies
            .SelectMany(proxy => proxy.Injected)
            .GroupBy(fault => fault.Kind)
            .Select(group => $"{group.Count()} {group.Key}");
        report.Note(
            $"{cluster.Proxies.Sum(proxy => proxy.Messages)} messages through {networks.Length} proxies: "
                + $"{string.Join(", ", faults)}");
        report.Load(load);
        report.Must(
            cluster.Proxies.Zip(seeded).All(pair => pair.First.Injected.Count > 0 || !pair.Second.Harms),
            "every faulty network injected faults");
    }
}
