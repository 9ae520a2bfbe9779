using System.Diagnostics;
using Scenarios.Nodes;
using Scenarios.Traffic;
using Web.Giraffe;

namespace Scenarios.Wire;

/// <summary>Measures a worker that is never idle: the savings are bytes, copies, connections and waits.</summary>
internal static class Throughput
{
    private const int Connections = 8;

    // Slices are short, so that other activity of the machine affects both.
    private static readonly TimeSpan LongestSlice = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var subject = await WorkerUnderTest.StartAsync();
        using var plain = new SingleWorkerClient(subject.Worker.EndPoint, ExchangeMode.Plain);
        using var extended = new SingleWorkerClient(subject.Worker.EndPoint, ExchangeMode.Extended);
        var slice = options.Duration / 4 < LongestSlice ? options.Duration / 4 : LongestSlice;
        var rounds = Math.Max(1, (int)(options.Duration / (4 * slice)));
        var process = subject.Worker.Process;
        var (plainTotal, extendedTotal) = (new Measurement(process), new Measurement(process));
        await Task.WhenAll(
            new Measurement(process).RunAsync(plain, subject.Picture, slice),
            new Measurement(process).RunAsync(extended, subject.Picture, slice));
        for (var round = 0; round < rounds; round++)
        {
            await plainTotal.RunAsync(plain, subject.Picture, slice);
            await extendedTotal.RunAsync(extended, subject.Picture, slice);
            await extendedTotal.RunAsync(extended, subject.Picture, slice);
            await plainTotal.RunAsync(plain, subject.Picture, slice);
        }

        report.Note(
            $"{rounds} rounds of plain, extended, extended, plain, {slice.TotalSeconds:0.##} s each, "
                + $"{Connections} connections, {subject.Describe()}");
        report.Note($"plain: {plainTotal}");
        report.Note($"extended: {extendedTotal}");
        // Within the few seconds of a test, chance explains much.
        var least = options.Of(.6, 1.1);
        var ratio = extendedTotal.Rate / plainTotal.Rate;
        report.Must(ratio >= least, $"extended over plain: {ratio:0.000}, at least {least}");
    }

    /// <summary>Counts answers, their elapsed time, and the processor time of both processes.</summary>
    private sealed class Measurement(NodeProcess worker)
    {
        private int answers;
        private TimeSpan time;
        private TimeSpan clientTime;
        private TimeSpan workerTime;

        public double Rate => answers / time.TotalSeconds;

        public async Task RunAsync(SingleWorkerClient client, LabelledPicture picture, TimeSpan slice)
        {
            var (clientBefore, workerBefore) = (Environment.CpuUsage.TotalTime, worker.ProcessorTime);
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
            {
                while (clock.Elapsed < slice)
                {
                    await client.TimeAsync(picture);
                    Interlocked.Increment(ref answers);
                }
            })));
            time += clock.Elapsed;
            clientTime += Environment.CpuUsage.TotalTime - clientBefore;
            workerTime += worker.ProcessorTime - workerBefore;
        }

        public override string ToString() =>
            $"{Rate:0.0} pictures a second, processor time for each "
                + $"{(workerTime / answers).TotalMilliseconds:0.00} ms in the worker and "
                + $"{(clientTime / answers).TotalMilliseconds:0.00} ms in the client";
    }
}
