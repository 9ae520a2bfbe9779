using System.CommandLine;
using Compare;

var experiments = new Argument<string[]>("experiment")
{
    Description = $"The experiments, or all: {string.Join(", ", Comparison.Names)}",
    Arity = ArgumentArity.OneOrMore,
};
experiments.AcceptOnlyFromAmong([.. Comparison.Names, "all"]);
var isShort = new Option<bool>("--short")
{
    Description = "Takes some seconds, to check that everything works; the figures mean nothing",
};
var root = new RootCommand("""
    Compares the service with the bare loop and with a plain peer, in turn, on the same cores, and prints Markdown.
    On a machine with more than two cores, prefix it with: taskset -c 0,1. Exit code 1 reports a missed goal.
    """)
{
    experiments, isShort,
};
root.SetAction(async (given, _) =>
{
    var wanted = given.GetRequiredValue(experiments);
    try
    {
        return await new Comparison(given.GetValue(isShort)).RunAsync(
            wanted.Contains("all") ? Comparison.Names : wanted);
    }
    catch (InvalidOperationException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();
