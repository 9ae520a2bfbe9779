using System.Diagnostics;
using Web.Giraffe;
using Wire.Peers;

namespace Wire.Scenarios;

/// <summary>Runs an old client beside new ones that keep its worker busy.</summary>
public sealed class OldClientScenario : Scenario
{
    private const int Busy = 8;

    /// <inheritdoc/>
    public override string Name => "old-client";

    /// <inheritdoc/>
    public override string Summary => "our worker asked by the old client, byte for byte, while extended clients use it: exchanges that are not as before";

    /// <inheritdoc/>
    public override string Goal => "0";

    /// <inheritdoc/>
    protected override async Task RunAsync(Work work, Finding finding)
    {
        using var subject = await Subject.StartAsync();
        var worker = subject.Worker.EndPoint;
        var pictures = subject.Pictures.Select(picture => picture.Bytes.ToArray()).ToArray();
        var before = new List<IReadOnlyList<string>>();
        foreach (var picture in pictures)
        {
            before.Add(await HearAsync(new OldClient(worker), picture));
        }

        using var extended = new Asker(worker, ExchangeMode.Extended);
        using var over = new CancellationTokenSource(work.Duration);
        var clock = Stopwatch.StartNew();
        var busy = Enumerable.Range(0, Busy).Select(number => Task.Run(() => AskOnAsync(extended, subject, number, over.Token))).ToArray();
        var (exchanges, otherwise) = (0, 0);
        for (; !over.IsCancellationRequested; exchanges++)
        {
            var which = exchanges % pictures.Length;
            var heard = await HearAsync(new OldClient(worker), pictures[which]);
            if (!heard.SequenceEqual(before[which]))
            {
                otherwise++;
                finding.Problem($"{subject.Pictures[which].Name} at {clock.Elapsed.TotalSeconds:F1} s: heard {string.Join(" | ", heard)}");
            }
        }

        var asked = (await Task.WhenAll(busy)).Sum();
        finding.Condition($"{Busy} extended clients without a pause for {work.Duration.TotalSeconds} s, {pictures.Length} pictures");
        finding.Condition("as before: the same reads, A, A and the result, with the same bytes as from the idle worker");
        finding.Detail($"{exchanges:N0} exchanges of the old client, {otherwise} otherwise than before");
        finding.Detail($"{asked:N0} extended exchanges meanwhile, all right");
        finding.Count(otherwise, exchanges > 0 && asked > 0 && before.All(reads => reads is ["A", "A", _]));
    }

    private static async Task<int> AskOnAsync(Asker asker, Subject subject, int number, CancellationToken over)
    {
        var asked = 0;
        for (; !over.IsCancellationRequested; asked++)
        {
            await asker.AskAsync(subject.Pictures[(number + asked) % subject.Pictures.Count]);
        }

        return asked;
    }

    private static async Task<IReadOnlyList<string>> HearAsync(OldClient client, byte[] picture)
    {
        try
        {
            await client.AskAsync(picture);
            return client.Heard;
        }
        catch (IOException)
        {
            return client.Heard;
        }
    }
}
