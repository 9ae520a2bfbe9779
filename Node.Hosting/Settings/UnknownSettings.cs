using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Node.Hosting.Settings;

/// <summary>Finds names in the configuration that no setting has. .NET would ignore a mistyped name.</summary>
public static class UnknownSettings
{
    /// <summary>Sections and keys that ASP.NET Core reads.</summary>
    public static readonly IReadOnlyList<string> FrameworkSections =
        ["Logging", "Kestrel", "AllowedHosts", "Urls", "$schema"];

    /// <summary>Returns a sentence for each unknown name, with its source and the nearest known name.</summary>
    public static IReadOnlyList<string> Find(IConfigurationRoot configuration, IReadOnlyList<Setting> settings) =>
    [
        .. (from provider in configuration.Providers
            from key in Keys(provider, null)
            let value = provider.TryGet(key, out var text) ? text : null
            where !IsKnown(key, value, settings) && IsOurs(provider, key, settings)
            select Describe(key, Source(provider, key), settings)).Distinct(),
    ];

    private static string Describe(string key, string source, IReadOnlyList<Setting> settings)
    {
        bool IsBelow(string path) => key.StartsWith($"{path}:", StringComparison.OrdinalIgnoreCase);
        var paths = settings.Select(setting => setting.Path);
        return settings.FirstOrDefault(setting => IsBelow(setting.Path)) is { } setting
            ? $"{setting.Path} takes one value, not an array or an object{source}."
            : IsSection(key, settings) ? $"{key} is a section, and takes an object{source}."
            : $"{key} is not a setting{source}. {NearestName.Hint(key, paths) ?? "--help lists the options."}";
    }

    private static bool IsSection(string key, IReadOnlyList<Setting> settings) =>
        settings.Any(setting => setting.Path.StartsWith($"{key}:", StringComparison.OrdinalIgnoreCase));

    private static bool IsKnown(string key, string? value, IReadOnlyList<Setting> settings) =>
        FrameworkSections.Contains(Section(key), StringComparer.OrdinalIgnoreCase)
        // An empty object in a file.
        || (string.IsNullOrEmpty(value) && IsSection(key, settings))
        || settings.Any(setting =>
            key.Equals(setting.Path, StringComparison.OrdinalIgnoreCase)
            || (setting.IsList && key.StartsWith($"{setting.Path}:", StringComparison.OrdinalIgnoreCase)));

    // The environment has variables of other programs, and the host adds top-level keys of its own.
    private static bool IsOurs(
        IConfigurationProvider provider, string key, IReadOnlyList<Setting> settings) => provider switch
        {
            JsonConfigurationProvider => true,
            _ when !key.Contains(':', StringComparison.Ordinal) => false,
            EnvironmentVariablesConfigurationProvider =>
                settings.Any(setting => setting.Path.StartsWith($"{Section(key)}:", StringComparison.OrdinalIgnoreCase))
                || settings.Any(setting => NearestName.Distance(key, setting.Path) <= 2),
            _ => true,
        };

    private static string Source(IConfigurationProvider provider, string key) => provider switch
    {
        JsonConfigurationProvider json => $" (in {json.Source.Path})",
        EnvironmentVariablesConfigurationProvider =>
            $" (environment variable {key.Replace(":", "__", StringComparison.Ordinal)})",
        _ => "",
    };

    private static string Section(string key) => key.Split(':')[0];

    private static IEnumerable<string> Keys(IConfigurationProvider provider, string? parent) =>
        from child in provider.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase)
        let key = parent is null ? child : $"{parent}:{child}"
        from found in provider.TryGet(key, out _) ? Keys(provider, key).Prepend(key) : Keys(provider, key)
        select found;
}
