using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FileFormats;
using Node.Hosting.Settings;
using Recognize.Models;
using Worker;
using Worker.Settings;

namespace Recognize.Settings;

/// <summary>Parses and validates the command line; answers help and version itself.</summary>
internal static class CommandLine
{
    /// <summary>The environment variable for the key; a command line is visible to the whole machine.</summary>
    public const string KeyVariable = "RECOGNIZE_KEY";

    private static readonly string About = $"""
        Classifies pictures: {PictureFormats.Names}.

          recognize dog.jpg                          by the model in this process
          recognize holiday/ 'more/**/*.jpg'         folders and patterns
          curl -s https://…/cat.png | recognize -    standard input
          recognize --server http://host:9999 *.jpg  by a recognition service
          recognize models inspect net.onnx          describes a model's input and output
          recognize models add net.onnx              adds it to the catalog, for --model net

        On a terminal it draws bars; into a pipe or a file it writes a line for each class: file, probability, label,
        with tabs between them. Errors go to the error stream.

        Exit codes: 0 every picture was classified · 1 no model, or the service is unavailable · 2 invalid command line ·
        3 some pictures were not classified · 130 interrupted
        """;

    private static readonly Argument<string[]> Pictures = new("PICTURE")
    {
        Description = "Files, folders with everything in them, patterns with * and **, - for standard input",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Server = new("--server", "-s")
    {
        Description = "Use this recognition service instead of a local model",
        HelpName = "URL",
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = $"The service's API key, if it requires one; prefer the environment variable {KeyVariable}",
        HelpName = "KEY",
    };

    private static readonly Option<int?> Top = new("--top", "-t")
    {
        Description = "Classes for each picture, 1 to 1000 [default: 5]",
        HelpName = "N",
        CustomParser = result => Whole(result, 1000),
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Write a JSON object for each picture, one per line",
    };

    private static readonly Option<bool> Csv = new("--csv")
    {
        Description = "Write comma-separated values: a header, and a line for each picture",
    };

    private static readonly Option<bool> Plain = new("--plain")
    {
        Description = "Write the format for pipes to a terminal, too",
    };

    private static readonly Option<bool>[] FormatOptions = [Json, Csv, Plain];

    private static readonly Option<bool> Explain = new("--explain")
    {
        Description = "Draw where in the picture the most probable class was recognized; with --json, write the maps of all classes",
    };

    private static readonly Option<int?> Parallel = new("--parallel")
    {
        Description = "Pictures processed at once, 1 to 64 [default: the cores; 4 with --server]",
        HelpName = "N",
        CustomParser = result => Whole(result, 64),
    };

    private static readonly WorkerOptions Defaults = new();

    private static readonly Option<string> Model = new("--model")
    {
        Description = "The model's id in the catalog; with --server, ID or ID@VERSION of one of the service's models",
        HelpName = "ID",
        DefaultValueFactory = _ => Defaults.Model,
    };

    private static readonly Option<string?> Models = ModelOptions.Folder();

    private static readonly Option<bool> Offline = ModelOptions.Offline();

    /// <summary>Runs the request and returns its exit code, or 2 and a one-line error if it is invalid.</summary>
    public static async Task<int> InvokeAsync(string[] args, Func<Request, CancellationToken, Task<int>> run)
    {
        var root = new RootCommand(About)
        {
            Pictures, Server, Key, Top, Json, Csv, Plain, Explain, Parallel, Model, Models, Offline,
            ModelsCommand.Create(),
        };
        root.SetInterruptibleAction((parsed, cancel) => Read(parsed).Try(out var request, out var error)
            ? run(request, cancel)
            : Task.FromResult(Fail(error)));
        // A picture may be called @home.jpg.
        var result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return result.Errors.Count == 0
            ? await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false })
            : Fail(args.Length == 0 ? "Name at least one picture." : result.Errors[0].Message);
    }

    private static int Fail(string error)
    {
        Console.Error.WriteLine($"{error} --help lists the options.");
        return ExitCode.Usage;
    }

    private static Outcome<Request> Read(ParseResult parsed)
    {
        var pictures = parsed.GetValue(Pictures)!;
        var address = parsed.GetValue(Server);
        var server = address is null ? null : Address(address);
        var format = parsed.GetValue(Json) ? OutputFormat.Json
            : parsed.GetValue(Csv) ? OutputFormat.Csv
            : parsed.GetValue(Plain) || Console.IsOutputRedirected ? OutputFormat.TabSeparated
            : OutputFormat.Bars;
        return parsed switch
        {
            // Otherwise a mistyped option would count as a picture.
            _ when pictures.FirstOrDefault(IsOption) is { } option =>
                Wrong(($"There is no option {option}. A picture of that name is ./{option}. "
                    + NearestName.Hint(option, Options(parsed))).TrimEnd()),
            _ when address is not null && server is null =>
                Wrong($"--server takes an address such as http://localhost:9999, not '{address}'."),
            _ when FormatOptions.Count(option => parsed.GetValue(option)) > 1 =>
                Wrong("--json, --csv and --plain exclude each other: choose one."),
            _ when parsed.GetValue(Explain) && format is OutputFormat.TabSeparated or OutputFormat.Csv =>
                Wrong("--explain draws on a terminal, and with --json it writes numbers: choose one of the two."),
            _ => new Outcome<Request>.Ok(new Request(
                pictures,
                server,
                parsed.GetValue(Key) ?? Environment.GetEnvironmentVariable(KeyVariable),
                parsed.GetValue(Top) ?? 5,
                format,
                parsed.GetValue(Explain),
                parsed.GetValue(Parallel) ?? (server is null ? Math.Min(Environment.ProcessorCount, 64) : 4),
                server is null || parsed.GetResult(Model) is { Implicit: false } ? parsed.GetValue(Model) : null,
                parsed.GetValue(Models),
                parsed.GetValue(Offline))),
        };
    }

    private static IEnumerable<string> Options(ParseResult parsed) =>
        parsed.RootCommandResult.Command.Options.Select(option => option.Name);

    private static bool IsOption(string argument) =>
        argument.Length > 1 && argument[0] == '-' && !File.Exists(argument);

    private static int? Whole(ArgumentResult result, int most)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value >= 1 && value <= most)
        {
            return value;
        }

        var option = (result.Parent as OptionResult)?.Option.Name;
        result.AddError($"{option} takes a whole number from 1 to {most}, not '{text}'.");
        return null;
    }

    /// <summary>Parses a server address; null if it is invalid. <c>localhost:9999</c> means plain HTTP.</summary>
    private static Uri? Address(string text)
    {
        var whole = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        return Uri.TryCreate(whole.TrimEnd('/') + "/", UriKind.Absolute, out var address)
            && address is { Scheme: "http" or "https", Query: "", Fragment: "", Host.Length: > 0 }
                ? address
                : null;
    }

    private static Outcome<Request>.Failed Wrong(string error) => new(error);
}
