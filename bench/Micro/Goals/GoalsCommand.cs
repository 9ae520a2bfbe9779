using System.CommandLine;
using System.Globalization;
using Bench;
using Bench.Output;

namespace Micro.Goals;

/// <summary>The command <c>goals</c>: prints every figure of a single part of the service beside its goal.</summary>
internal static class GoalsCommand
{
    private static readonly Dictionary<string, Func<MeasurementPlan, Task<Part>>> Parts = new()
    {
        ["bytes"] = pace => Task.FromResult(BytesPart.Run(pace)),
        ["decode"] = pace => Task.FromResult(DecodePart.Run(pace)),
        ["allocation"] = AllocationPart.RunAsync,
        ["runtime"] = pace => Task.FromResult(RuntimePart.Run(pace)),
    };

    public static Command Create()
    {
        var wanted = new Argument<string[]>("part")
        {
            Description = $"Which; without any, all: {string.Join(", ", Parts.Keys)}",
            Arity = ArgumentArity.ZeroOrMore,
        };
        wanted.AcceptOnlyFromAmong([.. Parts.Keys]);
        var page = new Option<FileInfo>("--markdown")
        {
            Description = "Writes the tables into this page, between <!-- goals:begin --> and <!-- goals:end -->",
            HelpName = "FILE",
        };
        page.AcceptExistingOnly();
        var brief = new Option<bool>("--short") { Description = "Some seconds, to see that all works: the times mean nothing" };
        var command = new Command("goals", "Measures single parts of the service beside what each is to reach. Exit code 1 where a goal is missed.")
        {
            wanted, page, brief,
        };
        command.SetAction((given, _) => RunAsync(given.GetValue(wanted) ?? [], given.GetValue(page), given.GetValue(brief)));
        return command;
    }

    private static async Task<int> RunAsync(string[] wanted, FileInfo? page, bool isShort)
    {
        var (pace, began, load) = (isShort ? MeasurementPlan.Short : MeasurementPlan.Standard, DateTime.UtcNow, Machine.Load);
        var parts = new List<Part>();
        try
        {
            foreach (var (name, run) in Parts.Where(part => wanted.Length == 0 || wanted.Contains(part.Key)))
            {
                await Console.Error.WriteLineAsync($"{name} …");
                parts.Add(await run(pace));
            }
        }
        catch (InvalidOperationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        var goals = parts.SelectMany(part => part.Goals).ToList();
        var command = string.Join(' ', wanted.Prepend("dotnet run -c Release --project bench/Micro -- goals"));
        var conditions = string.Create(CultureInfo.InvariantCulture, $"`{command}`, {began:yyyy-MM-dd}, {(DateTime.UtcNow - began).TotalMinutes:F0} minutes, load before it {load}; {Machine.Description}. {(isShort ? "A short run: the times mean nothing." : $"Medians of {pace.Rounds} rounds in which everything that is compared has its turn; a ratio is one within its round.")}");
        var text = string.Join('\n', parts.Select(part => part.Figures)
            .Prepend(new Section("Goals of single parts", conditions, Goal.Head, [.. goals.Select(goal => goal.Cells)])));
        Console.WriteLine(text);
        if (page is not null)
        {
            Page.Write(page, "goals", text);
        }

        return goals.TrueForAll(goal => goal.IsMet) ? 0 : 1;
    }
}
