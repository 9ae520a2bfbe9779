using System.Globalization;
using Bench;
using Bench.Nodes;
using Bench.Output;
using Compare.Experiments;
using Compare.Systems;

namespace Compare;

/// <summary>Runs the experiments and writes their results to the page.</summary>
internal sealed class Comparison(bool isShort)
{
    private readonly MeasurementPlan pace = isShort ? MeasurementPlan.Short : MeasurementPlan.Standard;

    /// <summary>The experiments, in the order in which they run.</summary>
    public static IReadOnlyList<string> Names { get; } = ["throughput", "latency", "overload", "cores", "start"];

    /// <summary>Runs the given experiments; returns 0 if every goal is met, 1 if one is missed.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> names, FileInfo? page)
    {
        var began = DateTime.UtcNow;
        var results = new List<Result>();
        foreach (var name in Names.Where(names.Contains))
        {
            await Console.Error.WriteLineAsync($"{name} …");
            results.Add(await RunAsync(name));
        }

        var goals = results.SelectMany(result => result.Goals).ToList();
        var command = $"dotnet run -c Release --project bench/Compare -- {string.Join(' ', names.Count == Names.Count ? ["all"] : names)}";
        var goalTable = new Section(
            "Goals",
            string.Create(CultureInfo.InvariantCulture, $"`{command}`, {began:yyyy-MM-dd}, {(DateTime.UtcNow - began).TotalMinutes:F0} minutes; {Machine.Description}. {(isShort ? "A short run: the figures mean nothing." : $"Medians of {pace.Rounds} rounds in which every system has its turn, {pace.Window.TotalSeconds} s each; a ratio is one within its round.")}"),
            Goal.Head,
            [.. goals.Select(goal => goal.Cells)]);
        var text = string.Join('\n', results.Select(result => result.Section).OfType<Section>().Prepend(goalTable));
        Console.WriteLine(text);
        if (page is not null)
        {
            Bench.Page.Write(page, "compare", text);
            foreach (var result in results.Where(result => result.Section?.Chart is not null))
            {
                result.Draw?.Invoke(Path.Combine(page.DirectoryName!, result.Section!.Chart!));
            }
        }

        return goals.TrueForAll(goal => goal.IsMet) ? 0 : 1;
    }

    private async Task<Result> RunAsync(string name)
    {
        var pictures = Sizes.Read();
        if (name == "start")
        {
            return await StartExperiment.RunAsync(pictures, pace);
        }

        var files = await ModelFolder.FindAsync();
        using var bare = new BareLoop(ModelFolder.Load(files));
        if (name == "cores")
        {
            return await CoresExperiment.RunAsync(bare, pictures[1], pace);
        }

        using var service = await Service.StartAsync(Place.Here, Place.Here);
        using var whole = new Loaded('c', "web node and worker, HTTP", service.Address);
        await whole.AskAsync(pictures, 8, pace.Pictures / 8);
        if (name == "overload")
        {
            return await OverloadExperiment.RunAsync(whole, pictures[1], pace);
        }

        using var plain = await Peer.StartAsync(files);
        using var worker = new Loaded('b', "one worker, its socket", service.Worker);
        using var peer = new Loaded('d', "plain peer, HTTP", plain.Address);
        Contender[] systems = [bare, worker, whole, peer];
        await peer.AskAsync(pictures, 8, pace.Pictures / 8);
        return name == "latency"
            ? await LatencyExperiment.RunAsync(systems, pictures[1], pace)
            : await ThroughputExperiment.RunAsync(systems, pictures, pace);
    }
}
