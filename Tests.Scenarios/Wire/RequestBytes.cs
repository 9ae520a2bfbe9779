using Scenarios.Proxy;
using Scenarios.Traffic;
using Web.Giraffe;

namespace Scenarios.Wire;

/// <summary>
/// Counts the bytes of one request on the wire, in both directions, without the headers of TCP and below.
/// </summary>
internal static class RequestBytes
{
    private const int Requests = 10;
    private const double Most = .76;

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var subject = await WorkerUnderTest.StartAsync();
        var plain = await CountAsync(subject, ExchangeMode.Plain);
        var extended = await CountAsync(subject, ExchangeMode.Extended);
        report.Must(
            extended / plain <= Most,
            $"{subject.Describe()}: extended {extended:N0} bytes, plain {plain:N0}: {extended / plain:0.000} "
                + $"times, at most {Most}");
    }

    private static async Task<double> CountAsync(WorkerUnderTest subject, ExchangeMode mode)
    {
        await using var line = FaultProxy.Start(subject.Worker.EndPoint.Port, new FaultOptions());
        using var client = new SingleWorkerClient(line.EndPoint, mode);
        for (var i = 0; i < Requests; i++)
        {
            await client.TimeAsync(subject.Picture);
        }

        return (double)(line.BytesUp + line.BytesDown) / Requests;
    }
}
