using System.CommandLine;
using Scenarios.Nodes;

namespace Scenarios.Bench;

/// <summary>A command that runs the scenarios of one group; its exit code is 1 if a condition is violated.</summary>
internal static class ScenarioCommand
{
    public static Command Create(string name, string description, IReadOnlyList<Scenario> all)
    {
        var width = all.Max(one => one.Name.Length);
        var lines = string.Join('\n', all.Select(one => $"{one.Name.PadRight(width)}  {one.Summary}"));
        var names = new Argument<string[]>("scenario")
        {
            Description = $"The scenarios, or all:\n\n{lines}",
            HelpName = "SCENARIO",
            Arity = ArgumentArity.OneOrMore,
        };
        names.AcceptOnlyFromAmong([.. all.Select(one => one.Name), "all"]);
        var seconds = Number("--seconds", "The duration of each load; by default the scenario's own", 86_400);
        var clients = Number("--clients", "The number of concurrent clients; by default the scenario's own", 1000);
        var seed = Number("--seed", "The seed of generated data and faults; default: 1", int.MaxValue);
        var isShort = new Option<bool>("--short") { Description = "Runs the form of the tests" };
        var command = new Command(name, description) { names, seconds, clients, seed, isShort };
        command.SetAction(async given =>
        {
            var wanted = given.GetRequiredValue(names);
            var failures = 0;
            Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Machine.Description}, load {Machine.Load}");
            foreach (var scenario in all.Where(one => wanted.Contains("all") || wanted.Contains(one.Name)))
            {
                var options = given.GetValue(isShort) ? scenario.ShortForm : scenario.LongForm;
                var report = await scenario.RunAsync(
                    options with
                    {
                        Duration = given.GetValue(seconds) is { } value
                            ? TimeSpan.FromSeconds(value)
                            : options.Duration,
                        Clients = given.GetValue(clients) ?? options.Clients,
                        Seed = given.GetValue(seed) ?? options.Seed,
                    },
                    Console.WriteLine);
                failures += report.Failures.Count;
            }

            Console.WriteLine(failures == 0 ? "All conditions hold." : $"{failures} conditions are violated.");
            return failures == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>Creates an option for a whole number from 1.</summary>
    public static Option<int?> Number(string name, string description, int most)
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
}
