using System.CommandLine;
using Micro.Benchmarks;
using Micro.DecodeCosts;

var root = new RootCommand(
    "Measures the parts of a worker on the path of a picture, and the cost of decoding.")
{
    BenchmarksCommand.Create(), DecodeCostCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
