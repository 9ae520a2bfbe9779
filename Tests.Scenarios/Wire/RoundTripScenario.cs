using System.Globalization;
using Bench.Proxy;
using Web.Giraffe;
using Wire.Peers;

namespace Wire.Scenarios;

/// <summary>Measures one request at a time over a long line: the savings are round trips.</summary>
public sealed class RoundTripScenario : Scenario
{
    private const int WarmUp = 5;

    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(15);

    /// <inheritdoc/>
    public override string Name => "round-trip";

    /// <inheritdoc/>
    public override string Summary => "median time of one request at 30 ms round trip, extended over plain, warm connection";

    /// <inheritdoc/>
    public override string Goal => "≤ 0.4";

    /// <inheritdoc/>
    protected override async Task RunAsync(Work work, Finding finding)
    {
        using var subject = await Subject.StartAsync();
        await using var line = FaultProxy.Start(subject.Worker.EndPoint.Port, new FaultOptions { Delay = OneWay });
        using var plain = new Asker(line.EndPoint, ExchangeMode.Plain);
        using var extended = new Asker(line.EndPoint, ExchangeMode.Extended);
        var (plainly, extendedly) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var i = -WarmUp; i < work.Pairs; i++)
        {
            var first = await plain.AskAsync(subject.Picture);
            var second = await extended.AskAsync(subject.Picture);
            if (i >= 0)
            {
                plainly.Add(first);
                extendedly.Add(second);
            }
        }

        finding.Condition($"{work.Pairs} requests by each exchange in turn, {subject.Describe()}");
        finding.Condition("the fault proxy delays every byte by 15 ms each way, and a new connection by a round trip; the plain exchange connects for each request, as it must");
        finding.Detail($"plain {Quantiles(plainly)}");
        finding.Detail($"extended {Quantiles(extendedly)}");
        finding.Ratio(Quantile(extendedly, .5) / Quantile(plainly, .5), ratio => ratio <= .4);
    }

    private static string Quantiles(List<TimeSpan> times) => string.Create(
        CultureInfo.InvariantCulture, $"p50 {Quantile(times, .5):0.0} ms, p90 {Quantile(times, .9):0.0} ms");

    private static double Quantile(List<TimeSpan> times, double share) =>
        times.Order().ElementAt((int)(share * times.Count)).TotalMilliseconds;
}
