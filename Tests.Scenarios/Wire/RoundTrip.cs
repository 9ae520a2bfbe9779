using Scenarios.Proxy;
using Scenarios.Traffic;
using Web.Giraffe;

namespace Scenarios.Wire;

/// <summary>
/// Measures one request at a time over a long line: the savings are round trips. The plain exchange connects for each
/// request, and the proxy delays a new connection by a round trip.
/// </summary>
internal static class RoundTrip
{
    private const int WarmUp = 5;

    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(15);

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var subject = await WorkerUnderTest.StartAsync();
        await using var line = FaultProxy.Start(subject.Worker.EndPoint.Port, new FaultOptions { Delay = OneWay });
        using var plain = new SingleWorkerClient(line.EndPoint, ExchangeMode.Plain);
        using var extended = new SingleWorkerClient(line.EndPoint, ExchangeMode.Extended);
        var (plainTimes, extendedTimes) = (new List<TimeSpan>(), new List<TimeSpan>());
        var pairs = options.Of(6, 200);
        for (var i = -WarmUp; i < pairs; i++)
        {
            var (first, second) = (await plain.TimeAsync(subject.Picture), await extended.TimeAsync(subject.Picture));
            if (i >= 0)
            {
                plainTimes.Add(first);
                extendedTimes.Add(second);
            }
        }

        // A busy machine adds the same time to both.
        var most = options.Of(.75, .4);
        var ratio = Median(extendedTimes) / Median(plainTimes);
        report.Must(
            ratio <= most,
            $"{pairs} requests by each exchange in turn, {subject.Describe()}: extended "
                + $"{Median(extendedTimes):0.0} ms, plain {Median(plainTimes):0.0} ms in the median: {ratio:0.000} "
                + $"times, at most {most}");
    }

    private static double Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2).TotalMilliseconds;
}
