using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Load.Pictures;

namespace Load.Options;

/// <summary>The command-line options.</summary>
internal static class CommandLine
{
    private static readonly Option<Uri> Target = new("--target")
    {
        Description = "A web node (http://HOST:PORT), another service that accepts a picture as the body of a POST "
            + "(http://HOST:PORT/PATH), a web node's gRPC (grpc://HOST:PORT), or a worker (dan://HOST:PORT)",
        HelpName = "ADDRESS",
        Required = true,
        CustomParser = Address,
    };

    private static readonly Option<string> Images = new("--images")
    {
        Description =
            "A folder of pictures (JPEG, PNG, WebP, GIF), or one picture; by default the repository's samples",
        HelpName = "PATH",
        DefaultValueFactory = _ => PictureFolder.Samples,
    };

    private static readonly Option<double[]> Concurrency = Numbers(
        "--concurrency",
        "Concurrent clients, each of which sends its next request as soon as it has an answer; several numbers are "
            + "measured one after the other",
        1,
        10_000,
        whole: true);

    private static readonly Option<double[]> Rate = Numbers(
        "--rate",
        "Instead of --concurrency: requests per second, at random times (Poisson), independent of the answers. A "
            + "latency counts from the time at which its request was due",
        .01,
        1_000_000,
        whole: false);

    private static readonly Option<ExchangeKind> Exchange = new("--exchange")
    {
        Description =
            "The exchange with a worker: extended, over kept connections, or plain, which every worker supports",
        HelpName = "extended|plain",
    };

    private static readonly Option<double> Window = Number(
        "--window", "The length of a measurement window in seconds", 5, .1, 3600);
    private static readonly Option<double> WarmUp = Number(
        "--warm-up", "The warm-up time of each level in seconds", 2, 0, 3600);
    private static readonly Option<double> MaxWindows = Number(
        "--max-windows",
        "The maximum number of windows of a level; it ends as soon as three in a row agree within 10 %",
        10,
        3,
        1000);
    private static readonly Option<double> Timeout = Number(
        "--timeout", "The timeout of a request in seconds", 30, .1, 3600);
    private static readonly Option<double> Outstanding = Number(
        "--max-outstanding",
        "The maximum number of unanswered requests with --rate; a request beyond it is not sent and counts as an error",
        2048,
        1,
        100_000);
    private static readonly Option<double> Seed = Number("--seed", "The seed of the random times", 1, 0, int.MaxValue);
    private static readonly Option<string?> Csv = new("--csv")
    {
        Description = "Writes every window to this file",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Svg = new("--svg")
    {
        Description = "Draws latency and throughput against the load into this SVG file",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Markdown =
        new("--markdown") { Description = "Prints the table for a Markdown page" };

    /// <summary>Creates a command that runs <paramref name="run"/>, whose result is the exit code.</summary>
    public static RootCommand Create(Func<LoadPlan, CancellationToken, Task<int>> run)
    {
        Concurrency.DefaultValueFactory = _ => [1, 2, 4, 8, 16];
        var root = new RootCommand("""
            Sends pictures to a web node or a worker, and prints throughput and latency.
            Exit code: 0 measured, 1 nothing could be measured, 2 wrong options, 130 interrupted.
            """)
        {
            Target, Images, Concurrency, Rate, Exchange, Window, WarmUp, MaxWindows, Timeout, Outstanding, Seed,
            Csv, Svg, Markdown,
        };
        root.Validators.Add(result =>
        {
            if (result.GetResult(Rate) is { Implicit: false } && result.GetResult(Concurrency) is { Implicit: false })
            {
                result.AddError("--rate and --concurrency are two kinds of load; use one of them.");
            }
        });
        root.SetAction((parsed, cancel) => run(Read(parsed), cancel));
        return root;
    }

    private static LoadPlan Read(ParseResult parsed)
    {
        TimeSpan Seconds(Option<double> option) => TimeSpan.FromSeconds(parsed.GetValue(option));
        var rates = parsed.GetValue(Rate);
        Level[] levels = rates is { Length: > 0 }
            ? [.. rates.Select(rate => new Level.Rate(rate))]
            : [.. parsed.GetRequiredValue(Concurrency).Select(count => new Level.Clients((int)count))];
        var options = new LoadOptions(parsed.GetRequiredValue(Target))
        {
            Exchange = parsed.GetValue(Exchange),
            Timeout = Seconds(Timeout),
            WarmUp = Seconds(WarmUp),
            Window = Seconds(Window),
            MaxWindows = (int)parsed.GetValue(MaxWindows),
            MaxOutstanding = (int)parsed.GetValue(Outstanding),
            Seed = (int)parsed.GetValue(Seed),
        };
        return new LoadPlan(
            options,
            levels,
            parsed.GetRequiredValue(Images),
            parsed.GetValue(Csv),
            parsed.GetValue(Svg),
            parsed.GetValue(Markdown));
    }

    private static Uri? Address(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https" or "grpc" or "dan"
            && address.Host.Length > 0
            && (address.Scheme != "dan" || address is { Port: > 0, AbsolutePath: "/" or "" })
            && (address.Scheme != "grpc" || address.Port > 0))
        {
            return address;
        }

        result.AddError(
            "--target is http://HOST:PORT, https://HOST:PORT, grpc://HOST:PORT or dan://HOST:PORT, "
            + $"not '{text}'.");
        return null;
    }

    private static Option<double> Number(string name, string description, double standard, double least, double most)
    {
        var option = new Option<double>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => standard,
        };
        option.CustomParser = result =>
            Parse(result, name, result.Tokens[0].Value, least, most, whole: false) ?? standard;
        return option;
    }

    private static Option<double[]> Numbers(
        string name, string description, double least, double most, bool whole) => new(name)
        {
            Description = description,
            HelpName = "N,N,…",
            CustomParser = result =>
            [
                .. result.Tokens.SelectMany(token => token.Value.Split(',')).Select(
                text => Parse(result, name, text, least, most, whole) ?? 0),
        ],
        };

    private static double? Parse(ArgumentResult result, string name, string text, double least, double most, bool whole)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most && (!whole || value == Math.Floor(value)))
        {
            return value;
        }

        result.AddError($"{name} takes {(whole ? "whole numbers" : "numbers")} from {least} to {most}, not '{text}'.");
        return null;
    }
}
