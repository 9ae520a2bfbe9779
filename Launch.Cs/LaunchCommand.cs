using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Launch;

/// <summary>The command line of <c>./run</c>.</summary>
internal static class LaunchCommand
{
    private const int WrongUsage = 2;

    private const string About = """
        Builds the service and runs it on this machine, for this machine: worker nodes and the web node with the page.
        Ctrl-C stops it.

        MODEL_MIRROR, separated as in PATH, lists folders that are searched for the model before it is downloaded.
        """;

    private static readonly Option<int?> Workers =
        Whole("--workers", "Number of worker nodes, on consecutive ports, 1 to 1000", 1, 1000, standard: 1);

    private static readonly Option<int?> Port =
        Whole("--port", "The port of the page, 1 to 65535", 1, 65535, standard: 9999);

    private static readonly Option<int?> WorkerPort =
        Whole("--worker-port", "The port of the first worker, 1 to 65535", 1, 65535, standard: 8888);

    private static readonly Option<int?> GrpcPort = Whole(
        "--grpc-port",
        "The port of the Open Inference Protocol over gRPC, 0 for none "
            + $"[default: {LaunchOptions.DefaultGrpcPort}, if it is free]",
        0,
        65535);

    private static readonly Option<string?> Models = new("--models", "--model")
    {
        Description = "Comma-separated models of the catalog; the first is the default",
        HelpName = "ID,...",
    };

    /// <summary>
    /// Parses the command line and runs <paramref name="run"/>. Ctrl-C, SIGTERM and SIGHUP cancel it. Returns the exit
    /// code: 2 for an invalid command line, after an error message.
    /// </summary>
    public static async Task<int> InvokeAsync(string[] args, Func<LaunchOptions, CancellationToken, Task<int>> run)
    {
        var root = new RootCommand(About) { Workers, Port, WorkerPort, GrpcPort, Models };
        root.SetAction(async (parsed, _) =>
        {
            var options = new LaunchOptions(
                parsed.GetValue(Workers)!.Value,
                parsed.GetValue(Port)!.Value,
                parsed.GetValue(WorkerPort)!.Value,
                parsed.GetValue(GrpcPort),
                parsed.GetValue(Models));
            if (options.Validate() is { } problem)
            {
                return Fail(problem);
            }

            using var signals = new StopSignals();
            return await run(options, signals.Stop);
        });
        var result = root.Parse(args);
        return result.Errors.Count == 0
            ? await result.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // StopSignals handles the signals. The default would end the process while nodes are still stopping.
                ProcessTerminationTimeout = null,
            })
            : Fail(
                result.UnmatchedTokens is [var unknown, ..]
                    ? $"There is no option '{unknown}'."
                    : result.Errors[0].Message);
    }

    private static int Fail(string problem)
    {
        Console.Error.WriteLine(problem);
        Console.Error.WriteLine("./run --help lists the options.");
        return WrongUsage;
    }

    private static Option<int?> Whole(string name, string description, int least, int most, int? standard = null) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = standard is null ? null : _ => standard,
            CustomParser = result =>
            {
                var text = result.Tokens is [var token] ? token.Value : "";
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                    && value >= least && value <= most)
                {
                    return value;
                }

                result.AddError($"{name} takes a whole number from {least} to {most}, not '{text}'.");
                return null;
            },
        };
}
