using System.Globalization;
using Bench.Proxy;
using Web.Giraffe;
using Wire.Peers;

namespace Wire.Scenarios;

/// <summary>
/// Counts the bytes of one request on the wire, in both directions, without the headers of TCP and below.
/// </summary>
public sealed class BytesScenario : Scenario
{
    private const int Requests = 10;

    /// <inheritdoc/>
    public override string Name => "bytes";

    /// <inheritdoc/>
    public override string Summary => "bytes on the wire for `dog.jpg`, extended over plain";

    /// <inheritdoc/>
    public override string Goal => "≤ 0.76";

    /// <inheritdoc/>
    protected override async Task RunAsync(Work work, Finding finding)
    {
        using var subject = await Subject.StartAsync();
        var plain = await CountAsync(subject, ExchangeMode.Plain);
        var extended = await CountAsync(subject, ExchangeMode.Extended);
        finding.Condition($"both directions' payload bytes of TCP, the mean of {Requests} requests by each exchange, {subject.Describe()}");
        finding.Detail(string.Create(CultureInfo.InvariantCulture, $"plain {plain:N0} bytes"));
        finding.Detail(string.Create(CultureInfo.InvariantCulture, $"extended {extended:N0} bytes"));
        finding.Ratio(extended / plain, ratio => ratio <= .76);
    }

    private static async Task<double> CountAsync(Subject subject, ExchangeMode mode)
    {
        await using var line = FaultProxy.Start(subject.Worker.EndPoint.Port, new FaultOptions());
        using var asker = new Asker(line.EndPoint, mode);
        for (var i = 0; i < Requests; i++)
        {
            await asker.AskAsync(subject.Picture);
        }

        return (double)(line.BytesUp + line.BytesDown) / Requests;
    }
}
