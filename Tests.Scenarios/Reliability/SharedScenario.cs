using System.Diagnostics;
using Bench.Load;
using Bench.Nodes;

namespace Reliability.Scenarios;

/// <summary>
/// Several web nodes share one worker list in a Redis. A worker is added at one of them; then the Redis, a web node and
/// half of the workers die under load.
/// </summary>
/// <param name="promised">
/// The maximum time from adding the worker at one web node to the first request that another one sends to it.
/// </param>
public sealed class SharedScenario(TimeSpan promised) : Scenario
{
    private const int Left = SharedCluster.WorkerCount - 2;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public override string Name => "shared";

    /// <inheritdoc/>
    public override string Summary => "three web nodes share a list in a Redis; it is killed and comes back empty, a web node and two of four workers are killed";

    /// <inheritdoc/>
    public override ScenarioOptions Standard => base.Standard with { Clients = 32 };

    /// <inheritdoc/>
    protected override async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var cluster = await SharedCluster.StartAsync();
        if (cluster is null)
        {
            report.Skip("this machine has no redis-server");
            return;
        }

        report.Condition("nodes", $"{SharedCluster.WebCount} web, {SharedCluster.WorkerCount} workers, a redis-server that keeps nothing, all on loopback, default settings");
        report.Condition("load", $"{options.Clients} clients without a pause, {options.Duration.TotalSeconds} s, round robin over the web nodes");
        report.Pictures(cluster.Pictures);
        using var turns = new RoundRobin(cluster.Webs);
        using var client = new HttpClient(turns) { Timeout = TimeSpan.FromMinutes(1) };
        using var over = new CancellationTokenSource(options.Duration);
        var loop = new ClosedLoop(client, cluster.Pictures, () => cluster.Webs[0].Address);
        var running = loop.RunAsync(options.Clients, over.Token);
        var before = int.MaxValue;
        try
        {
            await FailAsync(options, report, cluster, turns);
            before = loop.Answers;
        }
        finally
        {
            // Also after a missing event: the nodes outlive their load.
            await running;
        }

        var load = await running;
        report.Figure("cut off by the killed node", $"{turns.CutOff} requests on its connections, asked again elsewhere; {turns.Refused} found nobody there and moved on");
        report.Figure("answers by web node", string.Join(" / ", turns.Answers));
        report.Load(load);
        report.Require(turns.CutOff + turns.Refused > 0, "No request met the killed web node.");
        report.Require(load.Latencies.Count > before, "Nothing was answered after the last failure.");
    }

    /// <summary>Causes the events under the load, at shares of its time.</summary>
    private async Task FailAsync(ScenarioOptions options, Report report, SharedCluster cluster, RoundRobin turns)
    {
        var begun = Stopwatch.StartNew();
        Task AtAsync(double share) => Task.Delay(options.Duration * share is var due && due > begun.Elapsed ? due - begun.Elapsed : TimeSpan.Zero);

        await AtAsync(.1);
        await AddAsync(report, cluster.Webs[0], cluster.Webs[2], cluster.Workers[^1].EndPoint.ToString());
        await AtAsync(.25);
        cluster.Redis.Kill();
        var gone = Stopwatch.StartNew();
        await AtAsync(.4);
        await cluster.Redis.StartAsync();
        var back = gone.Elapsed;
        await UntilAsync("the list in the new Redis", async () => await cluster.Redis.EntriesAsync() == SharedCluster.WorkerCount);
        report.Figure("Redis gone, then empty", $"for {back.TotalSeconds:F1} s; the new one has the list after {Report.Milliseconds(gone.Elapsed - back)} ms");
        await AtAsync(.55);
        turns.Killed = cluster.Webs[1];
        cluster.Webs[1].Process.Send(Signal.Kill);
        await AtAsync(.7);
        cluster.Workers[0].Process.Send(Signal.Kill);
        await AtAsync(.8);
        cluster.Workers[1].Process.Send(Signal.Kill);
        foreach (var web in (WebNode[])[cluster.Webs[0], cluster.Webs[2]])
        {
            await UntilAsync("the loss of two workers", async () => (await web.WorkersAsync()).Count(row => row.IsActive) == Left);
        }
    }

    /// <summary>Adds a worker at one web node, and polls another one's list until that node has used it.</summary>
    private async Task AddAsync(Report report, WebNode there, WebNode here, string worker)
    {
        using var client = new HttpClient();
        async Task<WorkerRow> RowAsync() => (await here.WorkersAsync()).FirstOrDefault(row => row.Address == worker);

        var clock = Stopwatch.StartNew();
        using var answer = await client.PutAsync(new Uri(there.Address, $"api/workers/{worker}"), null);
        answer.EnsureSuccessStatusCode();
        await UntilAsync("the added worker's first request", async () => (await RowAsync()).Uses > 0);
        var used = clock.Elapsed;
        await UntilAsync("the added worker's first answer", async () => (await RowAsync()).HasAnswered);
        report.Figure("a worker added at node 1", $"has a request of node 3 after {Report.Milliseconds(used)} ms, and has answered one after {Report.Milliseconds(clock.Elapsed)} ms");
        report.Require(used <= promised, $"A worker added at web node 1 was not used by web node 3 within {promised.TotalSeconds} s.");
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        for (var clock = Stopwatch.StartNew(); !await holds(); await Task.Delay(Look))
        {
            if (clock.Elapsed > Bearable)
            {
                throw new InvalidOperationException($"This did not come within {Bearable.TotalSeconds} s: {what}.");
            }
        }
    }
}
