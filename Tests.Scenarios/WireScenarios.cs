using Scenarios.Wire;

namespace Scenarios;

/// <summary>The extended exchange against the plain one; each ratio is measured within one run.</summary>
public static class WireScenarios
{
    /// <summary>The scenarios, each with a unique name.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("round-trip", "The time of one request at 30 ms round trip", RoundTrip.RunAsync),
        new("bytes", "The bytes of one request on the wire", RequestBytes.RunAsync),
        new(
            "throughput",
            "The throughput of one worker on loopback, 8 connections",
            Throughput.RunAsync) { ShortDuration = TimeSpan.FromSeconds(4) },
        new(
            "mixed",
            "Two of our workers and an old one behind one web node, under load",
            MixedCluster.RunAsync) { ShortDuration = TimeSpan.FromSeconds(4) },
        new(
            "old-client",
            "An old client of our worker, beside extended clients that keep it busy",
            OldClientUnderLoad.RunAsync) { Clients = 8, ShortDuration = TimeSpan.FromSeconds(3) },
    ];
}
