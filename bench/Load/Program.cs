using Load;
using Load.Options;

var result = CommandLine.Create((plan, cancel) => new Session(plan).RunAsync(cancel)).Parse(args);
if (result.Errors.Count > 0)
{
    await Console.Error.WriteLineAsync($"{result.Errors[0].Message} --help lists the options.");
    return 2;
}

return await result.InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(60) });
