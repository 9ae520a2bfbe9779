using System.CommandLine;
using Micro.Benchmarks;
using Micro.DecodeCosts;
using Micro.Fidelity;

var root = new RootCommand(
    "Measures the parts of a worker on the path of a picture, and the effect of decoding at a reduced size.")
{
    FidelityCommand.Create(), BenchmarksCommand.Create(), DecodeCostCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
