using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Node.Hosting.Settings;

/// <summary>
/// A setting of a node: a property of an options class. Its <see cref="DescriptionAttribute"/> is the help text,
/// <see cref="RangeAttribute"/> and <see cref="AllowedValuesAttribute"/> bound its value,
/// <see cref="RequiredAttribute"/> demands one, the initial value is the default.
/// </summary>
/// <param name="Path">The configuration key, such as <c>Pool:InFlight</c>.</param>
/// <param name="Property">The property.</param>
/// <param name="Default">The default; null or empty for none.</param>
public sealed record Setting(string Path, PropertyInfo Property, object? Default)
{
    /// <summary>The last part of the path.</summary>
    public string Key => Property.Name;

    /// <summary>The type of the value; a setting may be absent.</summary>
    public Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether the value is a list: comma-separated, or an array in JSON.</summary>
    public bool IsList => Type == typeof(string[]);

    /// <summary>Whether the value is true or false.</summary>
    public bool IsSwitch => Type == typeof(bool);

    /// <summary>Whether the value is a number.</summary>
    public bool IsNumber => Type == typeof(int) || Type == typeof(long) || Type == typeof(double);

    /// <summary>Whether the setting must have a value.</summary>
    public bool IsRequired => Property.IsDefined(typeof(RequiredAttribute));

    /// <summary>What the setting does.</summary>
    public string? Description => Property.GetCustomAttribute<DescriptionAttribute>()?.Description;

    /// <summary>The help text, with the valid values and the default.</summary>
    public string Help => string.Join(
        " ",
        new[]
        {
            Description,
            Limits is null ? null : $"({Limits})",
            Default is null or "" or false or string[]
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"[default: {Default}]"),
        }.Where(part => part is not null));

    /// <summary>The valid values, such as <c>1 to 1000</c>; null for any value of the type.</summary>
    private string? Limits =>
        Property.GetCustomAttribute<RangeAttribute>() is { } range
            ? string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}")
            : Property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed
                ? string.Join(", ", allowed.Values)
                : null;

    /// <summary>The expected value, for an error message.</summary>
    public string Expected =>
        IsSwitch ? "true or false"
        : IsNumber ? $"a {(Type == typeof(double) ? "" : "whole ")}number{(Limits is null ? "" : $" from {Limits}")}"
        : $"one of {Limits}";

    /// <summary>Returns the settings of an options class in a section; an empty section means top-level keys.</summary>
    public static IReadOnlyList<Setting> Of<T>(string section)
        where T : class, new()
    {
        var (defaults, prefix) = (new T(), section.Length > 0 ? $"{section}:" : "");
        return
        [
            .. typeof(T).GetProperties()
                .Where(property => property.CanWrite)
                .Select(property => new Setting(prefix + property.Name, property, property.GetValue(defaults))),
        ];
    }

    /// <summary>Returns whether a value of the setting's type is within its limits.</summary>
    public bool Allows(object value) =>
        Property.GetCustomAttribute<RangeAttribute>() is { } range
            ? Number(value) >= Number(range.Minimum) && Number(value) <= Number(range.Maximum)
            : Property.GetCustomAttribute<AllowedValuesAttribute>() is not { } allowed
                || allowed.Values.OfType<string>().Contains(value as string, StringComparer.OrdinalIgnoreCase);

    private static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
