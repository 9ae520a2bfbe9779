using System.Security.Cryptography;
using System.Text;
using Bench.Load;
using Bench.Nodes;
using Protocol.Core;
using Wire.Peers;

namespace Wire.Scenarios;

/// <summary>Runs old and new workers side by side behind one web node; clients must not see a difference.</summary>
public sealed class MixedScenario : Scenario
{
    private const int Clients = 16;
    private const int Workers = 3;

    /// <inheritdoc/>
    public override string Name => "mixed";

    /// <inheritdoc/>
    public override string Summary => "a mixed cluster (two of our workers, one imitation of the old one) under load: failed requests and wrong answers";

    /// <inheritdoc/>
    public override string Goal => "0, with answers of all three";

    /// <inheritdoc/>
    protected override async Task RunAsync(Work work, Finding finding)
    {
        using var first = await Subject.StartAsync();
        using var second = new WorkerNode(Place.Here);
        await second.StartAsync();
        var answers = first.Pictures.ToDictionary(picture => Key(picture.Bytes.Span), picture => Encoding.UTF8.GetString(PredictionModule.write([.. picture.Expected])));
        using var old = new OldWorker(picture => answers[Key(picture)]);
        using var web = await WebNode.StartAsync(Place.Here, [first.Worker.EndPoint, second.EndPoint, old.EndPoint]);
        using var client = WebNode.ClientAt(Place.Here);
        using var over = new CancellationTokenSource(work.Duration);
        var load = await new ClosedLoop(client, first.Pictures, () => web.Address).RunAsync(Clients, over.Token);
        var rows = await web.WorkersAsync();
        finding.Condition($"one web node, {Clients} clients without a pause for {work.Duration.TotalSeconds} s, {first.Pictures.Count} pictures, default settings");
        finding.Condition("the old worker takes its answers from a table by the picture's bytes: one that did not arrive whole gets none");
        finding.Detail($"{load.Requests:N0} requests, {load.Failures.Count} failed, {load.Wrong.Count} wrong, {load.Retried} by a second worker");
        finding.Detail($"answered by ours {rows[0].Uses:N0} and {rows[1].Uses:N0}, by the old one {old.Served:N0}");
        foreach (var (number, row) in rows.Index().Where(row => row.Item.Failures > 0))
        {
            finding.Detail($"worker {number + 1} failed {row.Failures} times, which no user noticed: {row.LastError}");
        }

        foreach (var problem in load.Failures.Concat(load.Wrong))
        {
            finding.Problem(problem);
        }

        finding.Count(load.Failures.Count + load.Wrong.Count, rows.Count == Workers && rows.All(row => row.Uses > 0) && old.Served > 0);
    }

    private static string Key(ReadOnlySpan<byte> picture) => Convert.ToHexString(SHA256.HashData(picture));
}
