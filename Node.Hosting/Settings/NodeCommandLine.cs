using System.CommandLine;
using System.CommandLine.Parsing;

namespace Node.Hosting.Settings;

/// <summary>
/// Turns a node's command line into configuration values; answers help and version itself. Names are compared without
/// regard to case, and a value may follow a space or <c>=</c>.
/// </summary>
/// <param name="about">What the program does, for the help.</param>
/// <param name="settings">All settings, in the order of the help.</param>
/// <param name="names">
/// Returns the names of a setting's option; a single one without a dash is an argument.
/// </param>
public sealed class NodeCommandLine(string about, IReadOnlyList<Setting> settings, Func<Setting, string[]> names)
{
    private const string More = "--help lists the options.";

    /// <summary>
    /// Calls <paramref name="run"/> with the given values, by configuration key. Returns the process's exit code: 2 for
    /// an invalid command line, after one line on the error stream.
    /// </summary>
    public async Task<int> InvokeAsync(string[] args, Func<IReadOnlyDictionary<string, string?>, Task<int>> run)
    {
        var root = new RootCommand(about);
        var symbols = settings.ToDictionary(setting => setting, Symbol);
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

        var (tokens, values) = Split(args);
        root.SetAction((parsed, _) =>
        {
            foreach (var (setting, symbol) in symbols)
            {
                if (Value(parsed, setting, symbol) is { } value)
                {
                    values[setting.Path] = value;
                }
            }

            return run(values);
        });
        var result = root.Parse(tokens, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (Error(result) is { } error)
        {
            await Console.Error.WriteLineAsync(error);
            return 2;
        }

        // Exceptions must stay visible, and the host handles the termination signals.
        return await result.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    private Symbol Symbol(Setting setting)
    {
        var all = names(setting);
        return all is [var name] && name[0] != '-'
            ? new Argument<string>(name) { Description = setting.Help, Arity = ArgumentArity.ZeroOrOne }
            : setting.IsSwitch
            ? new Option<bool>(all[0], all[1..]) { Description = setting.Help }
            : new Option<string[]>(all[0], all[1..])
            {
                Description = setting.Help,
                HelpName = setting.IsNumber ? "N" : setting.Key.ToUpperInvariant(),
                Arity = ArgumentArity.OneOrMore,
            };
    }

    // Two kinds of values bypass the parser: those of the framework's sections, whose names it would split at the colon,
    // and those of switches behind "=", which it would take for arguments.
    private (List<string> Tokens, Dictionary<string, string?> Values) Split(string[] args)
    {
        var known = settings
            .SelectMany(setting => names(setting).Select(name => (Setting: setting, Name: name)))
            .ToArray();
        var tokens = new List<string>();
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < args.Length; index++)
        {
            var (name, value) = args[index].StartsWith('-') && args[index].Split('=', 2) is [var left, var right]
                ? (left, right)
                : (args[index], null);
            if (IsOfFramework(name))
            {
                values[name[2..]] = value ?? args.ElementAtOrDefault(++index);
                continue;
            }

            var option = known.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (option is { Setting.IsSwitch: true } && value is not null)
            {
                values[option.Setting.Path] = value;
                continue;
            }

            tokens.Add(option.Name ?? name);
            if (value is not null)
            {
                tokens.Add(value);
            }
        }

        return (tokens, values);
    }

    private static bool IsOfFramework(string name) => UnknownSettings.FrameworkSections.Any(
        section => name.StartsWith($"--{section}:", StringComparison.OrdinalIgnoreCase));

    // The last value wins, but for a list.
    private static string? Value(ParseResult parsed, Setting setting, Symbol symbol) => symbol switch
    {
        Argument argument => parsed.GetResult(argument)?.Tokens is [var token] ? token.Value : null,
        Option option when parsed.GetResult(option) is { Implicit: false } given =>
            setting.IsList ? string.Join(',', given.Tokens.Select(token => token.Value))
            : given.Tokens is [.., var last] ? last.Value : "true",
        _ => null,
    };

    private string? Error(ParseResult result)
    {
        // An unknown option may stand in the place of an argument.
        var misread = result.CommandResult.Children
            .OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .Where(text => text.StartsWith('-'));
        if (misread.Concat(result.UnmatchedTokens).FirstOrDefault() is { } unknown)
        {
            return unknown.StartsWith('-')
                ? $"There is no option {unknown}. {NearestName.Hint(unknown, settings.SelectMany(names)) ?? More}"
                : $"'{unknown}' is not an option. {More}";
        }

        return result.Errors switch
        {
            [] => null,
            [{ SymbolResult: OptionResult { Tokens.Count: 0 } option }, ..] =>
                $"{option.IdentifierToken?.Value} needs a value. {More}",
            [var error, ..] => $"{error.Message} {More}",
        };
    }
}
