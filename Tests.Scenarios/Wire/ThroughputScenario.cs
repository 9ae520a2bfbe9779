using System.Diagnostics;
using System.Globalization;
using Bench.Load;
using Bench.Nodes;
using Web.Giraffe;
using Wire.Peers;
using Picture = Bench.Load.Picture;

namespace Wire.Scenarios;

/// <summary>Measures a worker that is never idle: the savings are bytes, copies, connections and waits.</summary>
public sealed class ThroughputScenario : Scenario
{
    private const int Connections = 8;

    // Slices are short, so that other activity of the machine affects both.
    private static readonly TimeSpan LongestSlice = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public override string Name => "throughput";

    /// <inheritdoc/>
    public override string Summary => "throughput of one worker on loopback with 660 KB pictures, 8 connections, extended over plain";

    /// <inheritdoc/>
    public override string Goal => "≥ 1.1";

    /// <inheritdoc/>
    protected override async Task RunAsync(Work work, Finding finding)
    {
        using var subject = await Subject.StartAsync();
        using var plain = new Asker(subject.Worker.EndPoint, ExchangeMode.Plain);
        using var extended = new Asker(subject.Worker.EndPoint, ExchangeMode.Extended);
        var slice = work.Duration / 4 < LongestSlice ? work.Duration / 4 : LongestSlice;
        var rounds = Math.Max(1, (int)(work.Duration / (4 * slice)));
        var (plainly, extendedly) = (new Measurement(subject.Worker.Process), new Measurement(subject.Worker.Process));
        await Task.WhenAll(
            new Measurement(subject.Worker.Process).RunAsync(plain, subject.Picture, slice),
            new Measurement(subject.Worker.Process).RunAsync(extended, subject.Picture, slice));
        for (var round = 0; round < rounds; round++)
        {
            await plainly.RunAsync(plain, subject.Picture, slice);
            await extendedly.RunAsync(extended, subject.Picture, slice);
            await extendedly.RunAsync(extended, subject.Picture, slice);
            await plainly.RunAsync(plain, subject.Picture, slice);
        }

        finding.Condition(string.Create(
            CultureInfo.InvariantCulture,
            $"{rounds} rounds of plain, extended, extended, plain, {slice.TotalSeconds:0.##} s each, {Connections} connections, {subject.Describe()}"));
        finding.Condition("worker and client share the machine");
        finding.Detail($"plain {plainly}");
        finding.Detail($"extended {extendedly}");
        finding.Ratio(extendedly.Rate / plainly.Rate, ratio => ratio >= 1.1);
    }

    /// <summary>Counts answers, their elapsed time, and the processor time of both processes.</summary>
    private sealed class Measurement(NodeProcess worker)
    {
        private int answers;
        private TimeSpan time;
        private TimeSpan client;
        private TimeSpan node;

        public double Rate => answers / time.TotalSeconds;

        public async Task RunAsync(Asker asker, Picture picture, TimeSpan slice)
        {
            var (own, its) = (Environment.CpuUsage.TotalTime, worker.ProcessorTime);
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
            {
                while (clock.Elapsed < slice)
                {
                    await asker.AskAsync(picture);
                    Interlocked.Increment(ref answers);
                }
            })));
            time += clock.Elapsed;
            client += Environment.CpuUsage.TotalTime - own;
            node += worker.ProcessorTime - its;
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Rate:0.0} pictures a second, processor time for each {(node / answers).TotalMilliseconds:0.00} ms in the worker and {(client / answers).TotalMilliseconds:0.00} ms in the client");
    }
}
