using System.CommandLine;
using Hostile.Attacks;

var attacks = new Argument<string[]>("attack")
{
    Description = $"Which, in this order; all: every one of {string.Join(", ", Attack.All.Select(one => one.Name))}",
    Arity = ArgumentArity.OneOrMore,
};
attacks.AcceptOnlyFromAmong([.. Attack.All.Select(one => one.Name), "all"]);
var brief = new Option<bool>("--short") { Description = "As the tests run them: less of everything" };
var seed = new Option<int>("--seed") { Description = "Of what is generated", DefaultValueFactory = _ => 1 };
var lines = string.Join('\n', Attack.All.Select(one => $"  {one.Name,-8} {one.Summary}"));
var root = new RootCommand($"Attacks the service on this machine as strangers may, and says what held.\n\n{lines}") { attacks, brief, seed };
root.SetAction(async given =>
{
    var wanted = given.GetRequiredValue(attacks);
    var report = new Report(Console.WriteLine);
    Console.WriteLine(Report.Conditions());
    foreach (var attack in Attack.All.Where(one => wanted.Contains("all") || wanted.Contains(one.Name)))
    {
        await report.RunAsync(attack, new Hostile.Attacks.Scale(given.GetValue(brief), given.GetValue(seed)));
    }

    Console.WriteLine(report.Failures.Count == 0 ? "All of it holds." : $"{report.Failures.Count} did not hold.");
    return report.Failures.Count == 0 ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
