using System.CommandLine;
using Compare;

var experiments = new Argument<string[]>("experiment")
{
    Description = $"Which; all: {string.Join(", ", Comparison.Names)}",
    Arity = ArgumentArity.OneOrMore,
};
experiments.AcceptOnlyFromAmong([.. Comparison.Names, "all"]);
var page = new Option<FileInfo>("--markdown")
{
    Description = "Writes the tables into this page, between <!-- compare:begin --> and <!-- compare:end -->, and the charts beside it",
    HelpName = "FILE",
};
page.AcceptExistingOnly();
var brief = new Option<bool>("--short") { Description = "Some seconds, to see that all works: the figures mean nothing" };
var root = new RootCommand("""
    Compares the service with the bare loop and with a plain peer, in one run, by turns, on the same cores.
    On a machine with more than two: taskset -c 0,1 in front of it. Exit code 1 where a goal is missed.
    """)
{
    experiments, page, brief,
};
root.SetAction(async (given, _) =>
{
    var wanted = given.GetRequiredValue(experiments);
    try
    {
        return await new Comparison(given.GetValue(brief)).RunAsync(
            wanted.Contains("all") ? Comparison.Names : wanted, given.GetValue(page));
    }
    catch (InvalidOperationException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();
