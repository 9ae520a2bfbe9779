using System.CommandLine;
using Micro.Fidelity;

var root = new RootCommand("Measures the worker's inner speed, and what it costs in fidelity.") { FidelityCommand.Create() };
return await root.Parse(args).InvokeAsync();
