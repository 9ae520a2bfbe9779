using System.CommandLine;
using Bench;
using Wire;
using Wire.Scenarios;

var scenarios = Catalog.All;
var names = new Argument<string[]>("scenario")
{
    Description = $"Which, in this order; all: every one of {string.Join(", ", scenarios.Select(one => one.Name))}",
    Arity = ArgumentArity.OneOrMore,
};
names.AcceptOnlyFromAmong([.. scenarios.Select(one => one.Name), "all"]);
var pairs = Number("--pairs", $"Requests by each exchange where one is timed at a time; default: {Work.Full.Pairs}", 100_000);
var seconds = Number("--seconds", $"Of each load; default: {Work.Full.Duration.TotalSeconds}", 86_400);
var messages = Number("--messages", $"That are damaged, by each exchange; default: {Work.Full.Messages}", 100_000_000);
var seed = Number("--seed", $"Of the damages; default: {Work.Full.Seed}", int.MaxValue);
var markdown = new Option<bool>("--markdown") { Description = "Print the table of docs/benchmarks.md, too" };
var root = new RootCommand("Measures the extended exchange against the plain one, each figure as a ratio within one run.")
{
    names, pairs, seconds, messages, seed, markdown,
};
root.SetAction(RunAsync);
return await root.Parse(args).InvokeAsync();

static Option<int?> Number(string name, string description, int most)
{
    var option = new Option<int?>(name) { Description = description, HelpName = "N" };
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int?>() is { } value && (value < 1 || value > most))
        {
            result.AddError($"{name} must be from 1 to {most}.");
        }
    });
    return option;
}

async Task<int> RunAsync(ParseResult given, CancellationToken cancel)
{
    var wanted = given.GetRequiredValue(names);
    var work = new Work(
        given.GetValue(pairs) ?? Work.Full.Pairs,
        given.GetValue(seconds) is { } value ? TimeSpan.FromSeconds(value) : Work.Full.Duration,
        given.GetValue(messages) ?? Work.Full.Messages,
        given.GetValue(seed) ?? Work.Full.Seed);
    var findings = new List<Finding>();
    foreach (var scenario in wanted.Contains("all") ? scenarios : wanted.Select(name => scenarios.First(one => one.Name == name)))
    {
        var load = Machine.Load;
        findings.Add(await scenario.RunAsync(work));
        Console.WriteLine($"{findings[^1]}  machine {Machine.Description}, load {load}\n");
    }

    if (given.GetValue(markdown))
    {
        Console.WriteLine(Table.Of(findings));
    }

    return findings.All(finding => finding.Reached) ? 0 : 1;
}
