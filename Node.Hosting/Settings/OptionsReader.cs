using Microsoft.Extensions.Configuration;

namespace Node.Hosting.Settings;

/// <summary>
/// Binds options classes to the configuration and collects all errors, one sentence each. Unlike the binder of .NET, it
/// does not stop at the first error, and lists the valid values.
/// </summary>
/// <param name="configuration">The configuration.</param>
/// <param name="name">Returns the name of a setting for messages.</param>
public sealed class OptionsReader(IConfiguration configuration, Func<Setting, string> name)
{
    private readonly List<string> errors = [];

    /// <summary>Whether a blank value means the default. A text loses blanks around it.</summary>
    public bool BlankIsUnset { get; init; }

    /// <summary>The errors so far.</summary>
    public IReadOnlyList<string> Errors => errors;

    /// <summary>Adds an error: one sentence that names the setting.</summary>
    public void Add(string error) => errors.Add(error);

    /// <summary>Returns the options of a section. Invalid ones keep their defaults.</summary>
    public T Bind<T>(string section)
        where T : class, new()
    {
        var options = new T();
        foreach (var setting in Setting.Of<T>(section))
        {
            if (Read(setting) is { } value)
            {
                setting.Property.SetValue(options, value);
            }
        }

        return options;
    }

    /// <summary>Returns the value; null if it is not set or not valid.</summary>
    private object? Read(Setting setting)
    {
        if (setting.IsList)
        {
            return configuration.GetSection(setting.Path) is var section && section.Exists() ? List(section) : null;
        }

        if (configuration[setting.Path] is not { } text || (BlankIsUnset && string.IsNullOrWhiteSpace(text)))
        {
            if (setting.IsRequired)
            {
                errors.Add($"{name(setting)} is missing. {setting.Description}.");
            }

            return null;
        }

        try
        {
            if (configuration.GetValue(setting.Type, setting.Path) is { } value && setting.Allows(value))
            {
                return BlankIsUnset && value is string whole ? whole.Trim() : value;
            }
        }
        catch (InvalidOperationException)
        {
            // Reported below, with the valid values.
        }

        errors.Add($"{name(setting)} must be {setting.Expected}, not '{text}'.");
        return null;
    }

    private static string[] List(IConfigurationSection section) =>
    [
        .. section.Value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
        .. section.GetChildren().Select(child => child.Value?.Trim()).OfType<string>().Where(text => text.Length > 0),
    ];
}
