using Compare.Experiments;
using Compare.Output;
using Compare.Systems;
using Scenarios.Inference;
using Scenarios.Nodes;

namespace Compare;

/// <summary>Runs the experiments and prints their results as Markdown.</summary>
internal sealed class Comparison(bool isShort)
{
    private readonly MeasurementPlan plan = isShort ? MeasurementPlan.Short : MeasurementPlan.Standard;

    /// <summary>The experiments, in the order in which they run.</summary>
    public static IReadOnlyList<string> Names { get; } = ["throughput", "latency", "start"];

    /// <summary>Runs the given experiments; returns 0 if every goal is met, 1 if one is missed.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> names)
    {
        var began = DateTime.UtcNow;
        var results = new List<Result>();
        foreach (var name in Names.Where(names.Contains))
        {
            await Console.Error.WriteLineAsync($"{name} …");
            results.Add(await RunAsync(name));
        }

        var goals = results.SelectMany(result => result.Goals).ToList();
        var minutes = (DateTime.UtcNow - began).TotalMinutes;
        var conditions = $"{began:yyyy-MM-dd}, {minutes:F0} minutes; {Machine.Description}.";
        var method = isShort
            ? "A short run: the figures mean nothing."
            : $"Medians of {plan.Rounds} rounds that measure every system once, {plan.Window.TotalSeconds} s each; "
                + "a ratio is computed within its round.";
        Console.WriteLine(
            new Section("Goals", $"{conditions} {method}", Goal.Head, [.. goals.Select(goal => goal.Cells)]));
        foreach (var section in results.Select(result => result.Section).OfType<Section>())
        {
            Console.WriteLine(section);
        }

        return goals.TrueForAll(goal => goal.IsMet) ? 0 : 1;
    }

    private async Task<Result> RunAsync(string name)
    {
        var pictures = Photographs.Read();
        if (name == "start")
        {
            return await StartExperiment.RunAsync(pictures, plan);
        }

        var files = Probe.Files();
        using var bare = new InProcessSystem(Probe.Load());
        using var node = new WorkerNode(Place.Here);
        await node.StartAsync();
        using var web = await WebNode.StartAsync(Place.Here, [node.EndPoint]);
        using var plain = await Peer.StartAsync(files);
        using var worker = new ServedSystem('b', "one worker, its socket", new Uri($"dan://{node.EndPoint}"));
        using var whole = new ServedSystem('c', "web node and worker, HTTP", web.Address);
        using var peer = new ServedSystem('d', "plain peer, HTTP", plain.Address);
        ComparedSystem[] systems = [bare, worker, whole, peer];
        await whole.AskAsync(pictures, 8, plan.Pictures / 8);
        await peer.AskAsync(pictures, 8, plan.Pictures / 8);
        return name == "latency"
            ? await LatencyExperiment.RunAsync(systems, pictures[1], plan)
            : await ThroughputExperiment.RunAsync(systems, pictures, plan);
    }
}
