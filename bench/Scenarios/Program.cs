using System.CommandLine;
using Scenarios;
using Scenarios.Bench;
using Scenarios.Bench.Fuzz;
using Scenarios.Bench.Scale;

// Before anything else: afl-fuzz runs it with an instrumented Protocol.Core, which no other command may use.
if (args is ["fuzz", .. var rest])
{
    FuzzCommand.Run(rest);
    return 0;
}

var root = new RootCommand("Runs the scenarios of the tests, in their long form, against nodes on this machine.")
{
    ScenarioCommand.Create("hostile", "Attacks the service as strangers may", HostileScenarios.All),
    ScenarioCommand.Create("reliability", "Fails nodes and networks under load", ReliabilityScenarios.All),
    ScenarioCommand.Create("wire", "Compares the extended exchange with the plain one", WireScenarios.All),
    ScaleCommand.Create(),
    new Command("fuzz", "Runs one fuzzing input from standard input; bench/Scenarios/fuzz runs it with AFL++"),
};
return await root.Parse(args).InvokeAsync();
