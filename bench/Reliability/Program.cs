using System.CommandLine;
using Bench;
using Reliability.Scenarios;

var scenarios = Catalog.All;
var names = new Argument<string[]>("scenario")
{
    Description = $"Which, in this order; all: every one of {string.Join(", ", scenarios.Select(one => one.Name))}",
    Arity = ArgumentArity.OneOrMore,
};
names.AcceptOnlyFromAmong([.. scenarios.Select(one => one.Name), "all"]);
var seconds = Number("--seconds", "Of load in each scenario, 1 to 86400; default: 60, soak 600", 86_400);
var clients = Number("--clients", "That ask at once, 1 to 1000; default: 16", 1000);
var seed = Number("--seed", "Of the faults; default: 1", int.MaxValue);
var markdown = new Option<FileInfo>("--markdown") { Description = "Writes the table into this page, between <!-- reliability:begin --> and <!-- reliability:end -->", HelpName = "FILE" };
var root = new RootCommand("Fails nodes and networks of the service under load, and says what the users noticed.") { names, seconds, clients, seed, markdown };
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
    var failed = 0;
    var rows = new List<string>();
    var conditions = $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Machine.Description}, load before {Machine.Load}";
    foreach (var scenario in wanted.Contains("all") ? scenarios : wanted.Select(name => scenarios.First(one => one.Name == name)))
    {
        var standard = scenario.Standard;
        var report = await scenario.RunAsync(standard with
        {
            Duration = given.GetValue(seconds) is { } value ? TimeSpan.FromSeconds(value) : standard.Duration,
            Clients = given.GetValue(clients) ?? standard.Clients,
            Seed = given.GetValue(seed) ?? standard.Seed,
        });
        Console.WriteLine(report);
        rows.Add(report.Row());
        failed += report.Passed || report.Skipped is not null ? 0 : 1;
    }

    if (given.GetValue(markdown) is { } page)
    {
        var command = $"dotnet run -c Release --project bench/Reliability -- {string.Join(' ', args)}";
        Page.Write(page, "reliability", $"{conditions}; `{command}`\n\n{Report.Heads}\n{string.Join('\n', rows)}");
    }

    return failed == 0 ? 0 : 1;
}
