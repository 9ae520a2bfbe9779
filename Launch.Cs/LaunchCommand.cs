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

    private static readonly Option<int> Workers =
        Whole("--workers", "Number of worker nodes, on consecutive ports", most: 1000, standard: 1);

    private static readonly Option<int> Port =
        Whole("--port", "The port of the page", most: 65535, standard: 9999);

    private static readonly Option<int> WorkerPort =
        Whole("--worker-port", "The port of the first worker", most: 65535, standard: 8888);

    private static readonly Option<int?> GrpcPort = new("--grpc-port")
    {
        Description = "The port of the Open Inference Protocol over gRPC, 0 for none "
            + $"[default: {LaunchOptions.DefaultGrpcPort}, if it is free]",
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens is [var token] ? token.Value : "";
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= 65535)
            {
                return value;
            }

            result.AddError($"--grpc-port takes a whole number from 0 to 65535, not '{text}'.");
            return null;
        },
    };

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
                parsed.GetValue(Workers),
                parsed.GetValue(Port),
                parsed.GetValue(WorkerPort),
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

    private static Option<int> Whole(string name, string description, int most, int standard) => new(name)
    {
        Description = $"{description}, 1 to {most}",
        HelpName = "N",
        DefaultValueFactory = _ => standard,
        CustomParser = result =>
        {
            var text = result.Tokens is [var token] ? token.Value : "";
            var isWhole = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
            if (isWhole && value >= 1 && value <= most)
            {
                return value;
            }

            result.AddError($"{name} takes a whole number from 1 to {most}, not '{text}'.");
            return 0;
        },
    };
}
