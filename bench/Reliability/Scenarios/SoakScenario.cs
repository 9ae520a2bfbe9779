using System.Diagnostics;
using System.Globalization;
using Reliability.Load;
using Reliability.Nodes;

namespace Reliability.Scenarios;

/// <summary>Nothing fails, for long: what the nodes hold must not grow.</summary>
/// <param name="growth">By which share resident memory may grow after the first fifth of the time.</param>
/// <param name="chart">The SVG file to draw; none: no chart.</param>
public sealed class SoakScenario(double growth = .05, string? chart = null) : Scenario
{
    /// <summary>Handles and threads come and go with connections; so many more are no growth.</summary>
    private const int Ripple = 3;

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

        if (chart is not null)
        {
            SoakChart.Draw(chart, curves, options.Duration / 5, $"{load.Requests:N0} pictures in {options.Duration.TotalMinutes:N0} minutes: resident memory");
            report.Figure("chart", Path.GetRelativePath(Tree.Root, chart));
        }
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

    private void Judge(Report report, Curve curve, TimeSpan duration)
    {
        var before = curve.Median(duration * .2, duration * .3);
        var after = curve.Median(duration * .9, duration);
        var grown = ((double)after.Resident / before.Resident) - 1;
        report.Figure(curve.Name, string.Create(
            CultureInfo.InvariantCulture,
            $"{before.Resident >> 20} → {after.Resident >> 20} MiB ({grown:+0.0 %;-0.0 %}), {before.Threads} → {after.Threads} threads, {before.Handles} → {after.Handles} handles"));
        report.Require(grown < growth, $"{curve.Name}: memory grew by {grown:P1}, not by less than {growth:P0}.");
        report.Require(after.Threads <= before.Threads + Ripple, $"{curve.Name}: threads grew from {before.Threads} to {after.Threads}.");
        report.Require(after.Handles <= before.Handles + Ripple, $"{curve.Name}: handles grew from {before.Handles} to {after.Handles}.");
    }
}
