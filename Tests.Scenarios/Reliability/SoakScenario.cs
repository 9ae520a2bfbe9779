using System.Diagnostics;
using System.Globalization;
using Bench.Load;
using Bench.Nodes;

namespace Reliability.Scenarios;

/// <summary>The limits of a node's growth from the end of its warm-up to the end of a soak.</summary>
/// <param name="Memory">The growth of resident memory, as a share.</param>
/// <param name="Threads">The growth of threads; they vary with the runtime's pool.</param>
/// <param name="Handles">The growth of handles; they vary with connections.</param>
public sealed record Growth(double Memory, int Threads, int Handles)
{
    /// <summary>Less than 5 %, and only the usual variation in threads and handles.</summary>
    public static Growth None { get; } = new(.05, 3, 3);
}

/// <summary>
/// A long run without failures: the nodes' resources must not grow. Draws the curves into <c>docs/soak.svg</c>, or into
/// <c>artifacts/</c> when it is shorter than the long form.
/// </summary>
/// <param name="most">The limits of growth.</param>
public sealed class SoakScenario(Growth most) : Scenario
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override string Name => "soak";

    /// <inheritdoc/>
    public override string Summary => "full load with mixed pictures for long: no error, and nothing grows";

    /// <inheritdoc/>
    public override ScenarioOptions Standard => base.Standard with { Duration = TimeSpan.FromMinutes(10) };

    /// <inheritdoc/>
    protected override async Task RunAsync(ScenarioOptions options, Report report)
    {
        await using var cluster = await Cluster.StartAsync(report, options);
        report.Condition("compared", "medians of the tenth of the time behind the first fifth, and of the last tenth");
        var curves = cluster.Workers
            .Select((worker, number) => new Curve($"worker {number + 1}", worker.Process))
            .Prepend(new Curve("web node", cluster.Webs[0].Process))
            .ToList();
        var load = await cluster.LoadAsync(options, over => SampleAsync(curves, options.Duration / 100, over));
        report.Load(load);
        foreach (var curve in curves)
        {
            Judge(report, curve, options.Duration);
        }

        var chart = Path.Combine(Tree.Root, options.Duration < Standard.Duration ? "artifacts" : "docs", "soak.svg");
        SoakChart.Draw(chart, curves, options.Duration / 5, $"{load.Requests:N0} pictures in {options.Duration.TotalMinutes:0.#} minutes: resident memory");
        report.Figure("chart", Path.GetRelativePath(Tree.Root, chart));
    }

    private static async Task SampleAsync(List<Curve> curves, TimeSpan interval, CancellationToken over)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(interval < LongestInterval ? interval : LongestInterval);
        do
        {
            curves.ForEach(curve => curve.Sample(clock.Elapsed));
        }
        while (await timer.WaitForNextTickAsync(over));
    }

    /// <summary>The warm-up is the first fifth of the time, when nodes still grow.</summary>
    private void Judge(Report report, Curve curve, TimeSpan duration)
    {
        var before = curve.Median(duration * .2, duration * .3);
        var after = curve.Median(duration * .9, duration);
        var grown = ((double)after.Resident / before.Resident) - 1;
        report.Figure(curve.Name, string.Create(
            CultureInfo.InvariantCulture,
            $"{before.Resident >> 20} → {after.Resident >> 20} MiB ({grown:+0.0 %;-0.0 %}), {before.Threads} → {after.Threads} threads, {before.Handles} → {after.Handles} handles"));
        report.Require(grown < most.Memory, $"{curve.Name}: memory grew by {grown:P1}, not by less than {most.Memory:P0}.");
        report.Require(after.Threads <= before.Threads + most.Threads, $"{curve.Name}: threads grew from {before.Threads} to {after.Threads}.");
        report.Require(after.Handles <= before.Handles + most.Handles, $"{curve.Name}: handles grew from {before.Handles} to {after.Handles}.");
    }
}
