using System.CommandLine;
using System.Globalization;
using Bench;
using Bench.Nodes;
using Scale;
using Scale.Simulation;
using Web.Giraffe;

double[] loads = [.3, .4, .5, .55, .6, .65, .7, .75, .8, .85, .9, .95];
var service = new Option<string?>("--service") { Description = "Milliseconds that a lane takes for a picture, with commas between; default: measured on a real worker", HelpName = "MS,MS" };
var workers = Number("--workers", "That the web nodes share; default: 1000", 1000, 100_000);
var lanes = Number("--lanes", "Pictures that one worker has under way at once; default: 2", 2, 1024);
var seconds = Number("--seconds", "Simulated, for each point; default: 6", 6, 3600);
var seed = Number("--seed", "Of arrivals, pictures and choices; default: 1", 1, int.MaxValue);
var draw = new Option<bool>("--draw") { Description = "Write the charts to docs/, too" };
var web = new Option<bool>("--web") { Description = "Measure what a real web node spends on a picture, too" };
var root = new RootCommand("Simulates many web nodes and workers from a worker's measured times: what each Pool:Policy makes of them.")
{
    service, workers, lanes, seconds, seed, draw, web,
};
service.Validators.Add(result =>
{
    if (result.GetValueOrDefault<string?>() is { } text && ServiceTimes.Read(text) is null)
    {
        result.AddError("--service must be numbers of milliseconds above 0, with commas between.");
    }
});
root.SetAction(RunAsync);
return await root.Parse(args).InvokeAsync();

static Option<int> Number(string name, string description, int standard, int most)
{
    var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < 1 || value > most))
        {
            result.AddError($"{name} must be from 1 to {most}.");
        }
    });
    return option;
}

async Task RunAsync(ParseResult given, CancellationToken cancel)
{
    var times = given.GetValue(service) is { } text ? ServiceTimes.Read(text)! : await ServiceTimes.MeasureAsync();
    var ordered = times.Order().ToList();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{Machine.Description}.\n\nA lane takes {times.Average() * 1000:0.0} ms for a picture on average ({ordered[0] * 1000:0.0} to {ordered[^1] * 1000:0.0} ms, {times.Count} measurements); {given.GetValue(workers):N0} workers of {given.GetValue(lanes)} lanes, {given.GetValue(seconds)} simulated seconds a point, seed {given.GetValue(seed)}.\n"));
    if (given.GetValue(web))
    {
        var cost = await WebCost.MeasureAsync();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"A web node spends {cost.Seconds * 1000:0.00} ms of a core on a picture ({cost.Requests:N0} requests, {cost.Bytes / 1024:0} KiB on average): {1 / cost.Seconds:N0} pictures a second and core.\n"));
    }

    foreach (var one in Cluster.All)
    {
        var plan = new Plan(one.Webs, given.GetValue(workers), given.GetValue(lanes), 8, times, one.Slow, one.Out, .0005, given.GetValue(seconds), given.GetValue(seed));
        var asked = loads.SelectMany(load => Enum.GetValues<Turns>().Select(turns => (load, turns))).ToList();
        var points = asked.AsParallel().AsOrdered().WithCancellation(cancel).Select(point => Run.At(plan, point.turns, point.load)).ToList();
        Console.WriteLine(Scale.Table.Of(one, plan, points));
        if (given.GetValue(draw))
        {
            Chart.Draw(Path.Combine(Tree.Root, "docs", $"scaling-{one.Name}.svg"), one.Title, points);
        }
    }
}
