using System.Security.Cryptography;
using System.Text;
using Protocol.Core;
using Scenarios.Nodes;
using Scenarios.Peers;
using Scenarios.Traffic;

namespace Scenarios.Wire;

/// <summary>
/// Runs old and new workers side by side behind one web node; clients must not see a difference. The old worker takes
/// its answers from a table by the picture's bytes, so it has none for damaged ones.
/// </summary>
internal static class MixedCluster
{
    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var first = await WorkerUnderTest.StartAsync();
        using var second = new WorkerNode(Place.Here);
        await second.StartAsync();
        var answers = first.Pictures.ToDictionary(
            picture => Key(picture.Bytes.Span),
            picture => Encoding.UTF8.GetString(PredictionModule.write([.. picture.Expected])));
        using var old = new OldWorker(picture => answers[Key(picture)]);
        using var web = await WebNode.StartAsync(Place.Here, [first.Worker.EndPoint, second.EndPoint, old.EndPoint]);
        using var client = WebNode.ClientAt(Place.Here);
        using var over = new CancellationTokenSource(options.Duration);
        var load = await new ClosedLoop(
            client, first.Pictures, () => web.Address).RunAsync(options.Clients, over.Token);
        var rows = await web.WorkersAsync();
        report.Note(
            $"one web node, {options.Clients} clients without a pause for {options.Duration.TotalSeconds} s, "
                + "default settings");
        report.Pictures(first.Pictures);
        foreach (var (number, row) in rows.Index().Where(row => row.Item.Failures > 0))
        {
            report.Note($"worker {number + 1} failed {row.Failures} times, which no user noticed: {row.LastError}");
        }

        report.Load(load);
        report.Must(
            rows is [{ Uses: > 0 }, { Uses: > 0 }, { Uses: > 0 }] && old.Served > 0,
            $"all three answer: ours {rows[0].Uses:N0} and {rows[1].Uses:N0} requests, the old one {old.Served:N0}");
    }

    private static string Key(ReadOnlySpan<byte> picture) => Convert.ToHexString(SHA256.HashData(picture));
}
