using System.CommandLine;
using Micro.Benchmarks;
using Micro.DecodeCosts;
using Micro.Fidelity;
using Micro.Goals;

var root = new RootCommand("Measures the worker's inner speed, and what it costs in fidelity.")
{
    FidelityCommand.Create(), GoalsCommand.Create(), BenchmarksCommand.Create(), DecodeCostCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
