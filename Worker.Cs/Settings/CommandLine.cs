using System.CommandLine;
using System.CommandLine.Parsing;

namespace Worker.Settings;

/// <summary>
/// Parses the worker's command line into configuration values; answers help and version itself.
/// </summary>
internal static class CommandLine
{
    /// <summary>
    /// Calls <paramref name="run"/> with the given values, keyed by the settings' paths. Returns the process's exit
    /// code; 2 for an invalid command line.
    /// </summary>
    public static async Task<int> InvokeAsync(string[] args, Func<IReadOnlyDictionary<string, string?>, Task<int>> run)
    {
        var root = new RootCommand("Recognises images for a web node, over the D/A/N protocol.");
        var symbols = Setting.All.ToDictionary(setting => setting, Symbol);
        foreach (var symbol in symbols.Values)
        {
            if (symbol is Argument argument)
            {
                root.Add(argument);
            }
            else
            {
                root.Add((Option)symbol);
            }
        }

        root.SetAction((parsed, _) => run(Given(parsed, symbols)));
        var result = root.Parse(args);
        if (result.Errors.Count == 0)
        {
            // Exceptions must stay visible, and the host handles the termination signals.
            return await result.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }

        await Console.Error.WriteLineAsync($"{result.Errors[0].Message} --help lists the options.");
        return 2;
    }

    private static Symbol Symbol(Setting setting)
    {
        var help = setting.Default.Length == 0 ? setting.Help : $"{setting.Help} [default: {setting.Default}]";
        if (!setting.Option.StartsWith('-'))
        {
            return new Argument<string>(setting.Option) { Description = help, Arity = ArgumentArity.ZeroOrOne };
        }

        return setting == Setting.Offline
            ? new Option<bool>(setting.Option) { Description = setting.Help }
            : new Option<string>(setting.Option) { Description = help, HelpName = setting.Key.ToUpperInvariant() };
    }

    private static Dictionary<string, string?> Given(ParseResult parsed, Dictionary<Setting, Symbol> symbols) =>
        symbols
            .Where(pair => parsed.GetResult(pair.Value) is not null and not OptionResult { Implicit: true })
            .Select(pair => (pair.Key, Value: pair.Value switch
            {
                Argument<string> argument => parsed.GetValue(argument),
                Option<bool> option => parsed.GetValue(option) ? "true" : "false",
                Option<string> option => parsed.GetValue(option),
                _ => null,
            }))
            .Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Key.Path, pair => pair.Value);
}
