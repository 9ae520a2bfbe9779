using System.Diagnostics;
using Scenarios.Peers;
using Scenarios.Traffic;
using Web.Giraffe;

namespace Scenarios.Wire;

/// <summary>
/// Runs an old client beside extended ones that keep its worker busy: it must read the same bytes as from an idle one.
/// </summary>
internal static class OldClientUnderLoad
{
    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var subject = await WorkerUnderTest.StartAsync();
        var worker = subject.Worker.EndPoint;
        var pictures = subject.Pictures.Select(picture => picture.Bytes.ToArray()).ToArray();
        var before = new List<IReadOnlyList<string>>();
        foreach (var picture in pictures)
        {
            before.Add(await HearAsync(new OldClient(worker), picture));
        }

        using var extended = new SingleWorkerClient(worker, ExchangeMode.Extended);
        using var over = new CancellationTokenSource(options.Duration);
        var clock = Stopwatch.StartNew();
        var busy = Enumerable.Range(0, options.Clients).Select(
            number => Task.Run(() => AskOnAsync(extended, subject, number, over.Token))).ToArray();
        var (exchanges, different) = (0, 0);
        for (; !over.IsCancellationRequested; exchanges++)
        {
            var which = exchanges % pictures.Length;
            var heard = await HearAsync(new OldClient(worker), pictures[which]);
            if (!heard.SequenceEqual(before[which]))
            {
                different++;
                report.Note(
                    $"{subject.Pictures[which].Name} at {clock.Elapsed.TotalSeconds:F1} s: "
                        + $"{string.Join(" | ", heard)}");
            }
        }

        var requests = (await Task.WhenAll(busy)).Sum();
        report.Must(before.All(reads => reads is ["A", "A", _]), "the idle worker sends A, A and the result");
        report.Must(
            requests > 0,
            $"{options.Clients} extended clients without a pause for {options.Duration.TotalSeconds} s: "
                + $"{requests:N0} right answers");
        report.Must(
            exchanges > 0 && different == 0,
            $"{exchanges:N0} exchanges of the old client meanwhile, {different} of them different");
    }

    private static async Task<int> AskOnAsync(
        SingleWorkerClient client, WorkerUnderTest subject, int number, CancellationToken over)
    {
        var requests = 0;
        for (; !over.IsCancellationRequested; requests++)
        {
            await client.TimeAsync(subject.Pictures[(number + requests) % subject.Pictures.Count]);
        }

        return requests;
    }

    private static async Task<IReadOnlyList<string>> HearAsync(OldClient client, byte[] picture)
    {
        try
        {
            await client.AskAsync(picture);
            return client.Received;
        }
        catch (IOException)
        {
            return client.Received;
        }
    }
}
