using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Micro.Benchmarks;

/// <summary><c>benchmarks</c>: BenchmarkDotNet over the short things, with what they allocate.</summary>
internal static class BenchmarksCommand
{
    public static Command Create()
    {
        var filter = new Option<string[]>("--filter")
        {
            Description = "Only those whose full name fits one of these; * stands for anything",
            DefaultValueFactory = _ => ["*"],
            AllowMultipleArgumentsPerToken = true,
            HelpName = "GLOB",
        };
        var brief = new Option<bool>("--short") { Description = "Each once, to see that all works: the times mean nothing" };
        var artifacts = new Option<DirectoryInfo>("--artifacts")
        {
            Description = "Where BenchmarkDotNet's own reports go",
            DefaultValueFactory = _ => new DirectoryInfo("artifacts/benchmarks"),
            HelpName = "FOLDER",
        };
        var command = new Command("benchmarks", "BenchmarkDotNet over checksum, reader and encoder, base64, preprocessing, inference and top-k.")
        {
            filter, brief, artifacts,
        };
        command.SetAction(given => Run(given.GetRequiredValue(filter), given.GetValue(brief), given.GetRequiredValue(artifacts)));
        return command;
    }

    private static int Run(string[] filter, bool isShort, DirectoryInfo artifacts)
    {
        // In this process: a project that BenchmarkDotNet makes itself knows nothing of Paket.
        var job = (isShort ? Job.Dry : Job.ShortRun).WithToolchain(InProcessEmitToolchain.Instance);
        var config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddExporter(MarkdownExporter.GitHub)
            .AddLogger(ConsoleLogger.Unicode)
            .AddFilter(new GlobFilter(filter))
            .WithArtifactsPath(artifacts.FullName)
            .WithOptions(ConfigOptions.JoinSummary);
        var summaries = BenchmarkRunner.Run(typeof(BenchmarksCommand).Assembly, config);
        var reports = summaries.SelectMany(summary => summary.Reports).ToList();
        if (reports.Count == 0)
        {
            Console.Error.WriteLine($"--filter: no benchmark's name fits '{string.Join("' or '", filter)}'.");
            return 1;
        }

        return reports.TrueForAll(report => report.Success) ? 0 : 1;
    }
}
