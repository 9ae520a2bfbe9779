using Protocol.Core;
using Protocol.Core.Interop;
using Scenarios.Nodes;
using Scenarios.Peers;

namespace Scenarios.Hostile;

/// <summary>
/// Sends impossible sizes: each is answered with N, the third ends the connection, and none costs memory.
/// </summary>
internal static class InvalidSizes
{
    private static readonly string[] Wrong =
    [
        "0", "-1", "1000000000000000000", "1e9", "34603008", "00", "4.0", "0x10", "99999999999999999999", " 4", "５"
    ];

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var service = await ServiceUnderTest.StartAsync(1, "--Pool:CheckSeconds=0");
        foreach (var size in Wrong)
        {
            using var client = await ProtocolClient.ConnectAsync(service.WorkerPort);
            var said = "";
            for (var i = 0; i < 3; i++)
            {
                await client.SendAsync(ProtocolClient.Data(size));
                said += await client.ReceiveAsync(1);
            }

            said += await client.ReceiveAllAsync();
            report.Must(said == "NNN", $"size {size}: three times N, then the end");
        }

        report.Must(
            await service.Worker.FindLineAsync("Exchange failed", "the size: rejected too often") is not null,
            "the worker's log has the reason: the size: rejected too often");
        report.Must(
            Wrong.Select(Allocated).Max() is var most && most < 4096,
            $"allocated by the exchange for one: at most {most} bytes");

        // A size within the limit is accepted, but costs no memory before its bytes arrive.
        service.Worker.ForgetPeak();
        var before = service.Worker.Footprint().Resident;
        var claims = new List<ProtocolClient>();
        for (var i = 0; i < options.Of(100, 1000); i++)
        {
            claims.Add(await ProtocolClient.ConnectAsync(service.WorkerPort));
            await claims[^1].SendAsync(ProtocolClient.Data("33554432"));
        }

        var accepted = 0;
        foreach (var client in claims)
        {
            accepted += await client.ReceiveAsync(1) == "A" ? 1 : 0;
        }

        var more = service.Worker.Footprint().Peak - before;
        claims.ForEach(client => client.Dispose());
        report.Must(
            accepted == claims.Count && more < 64 << 20,
            $"{accepted} of {claims.Count} clients at once that announce 32 MiB and send nothing: worker's "
                + $"memory up by {Report.Size(more)}");
    }

    private static long Allocated(string size)
    {
        var bytes = ProtocolClient.Data(size);
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var state = WorkerProtocol.Start(Limits.Standard);
            var before = GC.GetAllocatedBytesForCurrentThread();
            _ = WorkerProtocol.Step(ref state, WorkerEvent.NewReceived(new(bytes)));
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
