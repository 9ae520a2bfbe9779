using System.CommandLine;
using Bench;
using Scale;
using Scale.Simulation;
using Web.Giraffe;

double[] loads = [.3, .4, .5, .55, .6, .65, .7, .75, .8, .85, .9, .95];
var service = new Option<string?>("--service") { Description = "Milliseconds that a lane takes for a picture, with commas between; default: measured on a real worker", HelpName = "MS,MS" };
var web = new Option<string?>("--web") { Description = "Milliseconds of one core that a web node spends on a picture; default: measured on a real one", HelpName = "MS" };
var workers = Number("--workers", "That the web nodes share; default: 1000", 1000, 100_000);
var lanes = Number("--lanes", "Pictures that one worker has under way at once; default: 2", 2, 1024);
var seconds = Number("--seconds", "Simulated, for each point; default: 6", 6, 3600);
var seed = Number("--seed", "Of arrivals, pictures and choices; default: 1", 1, int.MaxValue);
var markdown = new Option<FileInfo?>("--markdown") { Description = "Write the tables into this page, between its marks, and the charts beside it", HelpName = "FILE" };
var root = new RootCommand("Simulates many web nodes and workers from real ones' measured times: what each Pool:Policy makes of them, and what a cluster of each size carries.")
{
    service, web, workers, lanes, seconds, seed, markdown,
};
service.Validators.Add(result =>
{
    if (result.GetValueOrDefault<string?>() is { } text && ServiceTimes.Read(text) is null)
    {
        result.AddError("--service must be numbers of milliseconds above 0, with commas between.");
    }
});
web.Validators.Add(result =>
{
    if (result.GetValueOrDefault<string?>() is { } text && ServiceTimes.Read(text) is not [_])
    {
        result.AddError("--web must be a number of milliseconds above 0.");
    }
});
root.SetAction(RunAsync);
var pick = new Command("pick", "Prints what a web node's pool costs: a completion and the pick of the next worker, by the number of workers and of waiting requests.");
pick.SetAction(_ => PickCost.Print());
root.Subcommands.Add(pick);
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
    var page = given.GetValue(markdown);
    var began = $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Machine.Description}, load before {Machine.Load}";
    var times = given.GetValue(service) is { } text ? ServiceTimes.Read(text)! : await ServiceTimes.MeasureAsync();
    var cost = given.GetValue(web) is { } one ? WebCost.Assumed(ServiceTimes.Read(one)![0]) : await WebCost.MeasureAsync();
    var plan = new Plan(1, given.GetValue(workers), given.GetValue(lanes), 8, times, 0, 0, .0005, given.GetValue(seconds), given.GetValue(seed));
    Tell("scale-measured", $"{began}.\n\n{ServiceTimes.Describe(times)}\n\n{cost}");

    var policies = new List<string> { $"{plan.Workers:N0} workers of {plan.Lanes} lanes, {plan.Duration} simulated seconds a point, seed {plan.Seed}." };
    foreach (var cluster in Cluster.All)
    {
        var its = plan with { Webs = cluster.Webs, Slow = cluster.Slow, Out = cluster.Out };
        var points = Simulated(loads.SelectMany(load => Enum.GetValues<LoadBalancingPolicy>().Select(turns => (its, turns, load))));
        policies.Add(Scale.Table.Of(cluster, its, points));
        if (page is not null)
        {
            Chart.Draw(Path.Combine(page.DirectoryName!, cluster.Chart), cluster.Title, points);
            policies.Add($"![The times against the load]({cluster.Chart})");
        }
    }

    Tell("scale-policies", string.Join("\n\n", policies));
    var steps = Step.All(plan, cost);
    var results = Simulated(steps.SelectMany(step => Enum.GetValues<LoadBalancingPolicy>().Select(turns => (step.Plan, turns, Step.Load))));
    Tell("scale-plan", Step.Table(steps, results, cost));

    List<Point> Simulated(IEnumerable<(Plan Plan, LoadBalancingPolicy LoadBalancingPolicy, double Load)> asked) =>
        [.. asked.ToList().AsParallel().AsOrdered().WithCancellation(cancel).Select(point => Run.At(point.Plan, point.LoadBalancingPolicy, point.Load))];

    void Tell(string name, string part)
    {
        Console.WriteLine($"{part}\n");
        if (page is not null)
        {
            Page.Write(page, name, part);
        }
    }
}
