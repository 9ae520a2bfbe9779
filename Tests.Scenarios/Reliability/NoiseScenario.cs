using Bench.Proxy;

namespace Reliability.Scenarios;

/// <summary>Workers behind a bad network.</summary>
/// <param name="name">The name on the command line.</param>
/// <param name="summary">The description, one line.</param>
/// <param name="networks">The networks of the first workers; the others have none.</param>
public sealed class NoiseScenario(string name, string summary, params FaultOptions[] networks) : Scenario
{
    private const double Tenth = .1;

    private static readonly FaultOptions Narrow = new() { Delay = TimeSpan.FromMilliseconds(30), BytesPerSecond = 1e6 };

    /// <summary>One scenario for each kind of fault, and the combination of two that is requested most.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new NoiseScenario("flip", "a bit is flipped in a tenth of one worker's messages", new FaultOptions { Flip = Tenth }),
        new NoiseScenario("cut", "one worker's connection is cut at a random byte in a tenth of the messages", new FaultOptions { Cut = Tenth }),
        new NoiseScenario("flip-cut", "one worker as in flip and another as in cut", new FaultOptions { Flip = Tenth }, new FaultOptions { Cut = Tenth }),
        new NoiseScenario("hole", "one worker's connection falls silent in a tenth of the messages", new FaultOptions { BlackHole = Tenth }),
        new NoiseScenario("narrow", "every worker is 30 ms away each way, behind 1 MB/s each way", Narrow, Narrow, Narrow),
        new NoiseScenario("twice", "a tenth of one worker's messages arrive twice", new FaultOptions { Duplicate = Tenth }),
        new NoiseScenario("join", "a tenth of one worker's messages arrive in one read with the next", new FaultOptions { Join = Tenth }),
    ];

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Summary => summary;

    /// <inheritdoc/>
    protected override async Task RunAsync(ScenarioOptions options, Report report)
    {
        var seeded = networks.Select((network, i) => network with { Seed = options.Seed + i }).ToArray();
        await using var cluster = await Cluster.StartAsync(report, options, 1, seeded);
        report.Condition("behind a fault proxy", $"{networks.Length} of the workers");
        var load = await cluster.LoadAsync(options, over => Task.Delay(Timeout.Infinite, over));
        report.Figure("messages through the proxy", $"{cluster.Proxies.Sum(proxy => proxy.Messages)}");
        report.Figure("faults", Faults(cluster.Proxies));
        report.Load(load);
        report.Require(cluster.Proxies.Zip(seeded).All(pair => pair.First.Injected.Count > 0 || !pair.Second.Harms), "No fault was injected.");
    }

    private static string Faults(IReadOnlyList<FaultProxy> proxies) =>
        string.Join(", ", proxies
            .SelectMany(proxy => proxy.Injected)
            .GroupBy(fault => fault.Kind)
            .Select(group => $"{group.Count()} {group.Key}"));
}
