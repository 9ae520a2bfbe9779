using Scenarios.Nodes;
using Scenarios.Peers;

namespace Scenarios.Hostile;

/// <summary>
/// Changes the address of a worker's name to a forbidden one (DNS rebinding). With loopback forbidden, the name
/// localhost imitates a name that now resolves to an internal address.
/// </summary>
internal static class ReboundName
{
    private const string OtherNetwork = "--Admin:AllowedNetworks=10.0.0.0/8";

    private static readonly byte[] Picture = Tree.Sample("daisy.png");

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var liar = new LyingWorker();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $$"""{"workers":["localhost:{{liar.Port}}"],"configured":[]}""");
        using (var service = await ServiceUnderTest.StartWebAsync(
            [], OtherNetwork, $"--Registry:Path={file}", "--Pool:CheckSeconds=0.2"))
        {
            using var refused = await service.Client.GetAsync(new Uri("/add/localhost:8888", UriKind.Relative));
            report.Must((int)refused.StatusCode == 403, "add of a name whose address is not allowed: 403");
            var (status, _) = await service.ClassifyAsync(Picture);
            await Task.Delay(500);
            var list = await service.Client.GetStringAsync("/api/workers");
            report.Must(
                status == 503
                    && liar.Connections == 0
                    && list.Contains("in an allowed network", StringComparison.Ordinal),
                $"a name on the list that now resolves to a forbidden address: {liar.Connections} connections to it, "
                    + "and the list says why");
        }

        File.Delete(file);
        using var trusted = await ServiceUnderTest.StartWebAsync([liar.Port], OtherNetwork, "--Pool:CheckSeconds=0");
        await trusted.ClassifyAsync(Picture);
        report.Must(liar.Connections > 0, "a worker from the --worker option may be anywhere");
    }
}
