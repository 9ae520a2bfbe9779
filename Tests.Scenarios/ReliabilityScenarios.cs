using Scenarios.Nodes;
using Scenarios.Proxy;
using Scenarios.Reliability;

namespace Scenarios;

/// <summary>Failures of nodes and networks under load.</summary>
public static class ReliabilityScenarios
{
    private const double Tenth = .1;

    private static readonly FaultOptions Flip = new() { Flip = Tenth };
    private static readonly FaultOptions Cut = new() { Cut = Tenth };
    private static readonly FaultOptions Duplicate = new() { Duplicate = Tenth };
    private static readonly FaultOptions Join = new() { Join = Tenth };
    private static readonly FaultOptions SlowLink = new() { Delay = TimeSpan.FromMilliseconds(30), BytesPerSecond = 1e6 };

    /// <summary>The scenarios, each with a unique name.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(
            "kill",
            "A worker is killed (SIGKILL) and restarted, repeatedly",
            (options, report) => RestartedWorker.RunAsync(Signal.Kill, options, report)) { ShortDuration = Seconds(4) },
        // The web node gives up a silent worker after 5 s.
        new(
            "hang",
            "A worker hangs (SIGSTOP) and continues (SIGCONT), repeatedly",
            HangingWorker.RunAsync) { ShortDuration = Seconds(7) },
        Faults("flip", "A bit is flipped in a tenth of one worker's messages", Flip),
        Faults("cut", "One worker's connection is cut at a random byte in a tenth of the messages", Cut),
        Faults("flip-cut", "One worker as in flip and another as in cut", Flip, Cut),
        Faults(
            "blackhole",
            "One worker's connection falls silent in a tenth of the messages",
            new FaultOptions { BlackHole = Tenth }),
        Faults("slow-links", "Every worker is 30 ms away each way, behind 1 MB/s each way", SlowLink, SlowLink, SlowLink),
        Faults("duplicate", "A tenth of one worker's messages arrive twice", Duplicate),
        Faults("join", "A tenth of one worker's messages arrive in one read with the next", Join),
        Faults(
            "duplicate-join",
            "One worker as in duplicate and another as in join",
            Duplicate,
            Join) with { ShortDuration = Seconds(3) },
        new(
            "drain",
            "A worker is asked to end (SIGTERM) and restarted, repeatedly",
            (options, report) => RestartedWorker.RunAsync(Signal.Terminate, options, report)),
        new(
            "drain-web",
            "One of two web nodes is asked to end (SIGTERM), and clients heed its readiness",
            DrainedWebNode.RunAsync) { LongDuration = Seconds(20) },
        new(
            "partition",
            "A web node and two workers in three network namespaces over slow links; one link is cut",
            SeparateNetworks.RunAsync) { ShortDuration = Seconds(4), LongDuration = Seconds(20) },
        new(
            "shared-list",
            "Three web nodes share a list in a Redis; it is killed and comes back empty, a web node and two of "
                + "four workers are killed",
            SharedList.RunAsync) { Clients = 32, ShortDuration = Seconds(10) },
        new(
            "soak",
            "Full load with mixed pictures for long: no error, and nothing grows",
            Soak.RunAsync) { LongDuration = TimeSpan.FromMinutes(10) },
    ];

    private static Scenario Faults(string name, string summary, params FaultOptions[] networks) =>
        new(name, summary, (options, report) => FaultyNetworks.RunAsync(networks, options, report));

    private static TimeSpan Seconds(double value) => TimeSpan.FromSeconds(value);
}
