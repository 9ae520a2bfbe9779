using System.Globalization;
using Transport.Redis;

namespace Worker.Settings;

/// <summary>Reads settings from a configuration and keeps the first error.</summary>
internal sealed class SettingReader(IConfiguration configuration)
{
    /// <summary>Null while every value read so far was valid; else one line that names the setting.</summary>
    public string? Error { get; private set; }

    public string Text(Setting setting)
    {
        var value = configuration[setting.Path];
        return string.IsNullOrWhiteSpace(value) ? setting.Default : value.Trim();
    }

    public string Required(Setting setting)
    {
        var text = Text(setting);
        return text.Length > 0 ? text : Bad(setting, "", "is missing");
    }

    public string? Optional(Setting setting) => Text(setting) is { Length: > 0 } text ? text : null;

    /// <summary>Reports an error if the setting has a value.</summary>
    public void Forbid(Setting setting, string why)
    {
        if (Text(setting).Length > 0)
        {
            Bad(setting, 0, why);
        }
    }

    public string[] Paths(Setting setting) => Text(setting).Split(
        Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public long Whole(Setting setting, long least, long most)
    {
        var text = Required(setting);
        var read = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        return read && value >= least && value <= most
            ? value
            : Bad(setting, 0L, $"'{text}' is no whole number from {least} to {most}");
    }

    public TimeSpan Time(Setting setting, TimeSpan unit, double least, double most)
    {
        var text = Required(setting);
        var read = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value);
        return read && value >= least && value <= most
            ? unit * value
            : Bad(setting, TimeSpan.Zero, FormattableString.Invariant($"'{text}' is no number from {least} to {most}"));
    }

    public bool Switch(Setting setting)
    {
        var text = Text(setting);
        return bool.TryParse(text, out var value) ? value : Bad(setting, false, $"'{text}' is neither true nor false");
    }

    /// <summary>Reads a Redis address; null if none is set. Errors omit the value, which may hold a password.</summary>
    public RedisAddress? Redis(Setting setting)
    {
        var text = Text(setting);
        if (text.Length == 0)
        {
            return null;
        }

        return RedisAddress.TryParse(text, out var address)
            ? address
            : Bad<RedisAddress?>(setting, null, $"a Redis is {RedisAddress.Forms}");
    }

    /// <summary>Reads <c>HOST:PORT</c> with or without <c>tls://</c>, or an empty text.</summary>
    public string Address(Setting setting)
    {
        const string Tls = "tls://";
        var whole = Text(setting);
        var text = whole.StartsWith(Tls, StringComparison.Ordinal) ? whole[Tls.Length..] : whole;
        var colon = text.LastIndexOf(':');
        return text.Length == 0
            || (colon > 0 && Uri.CheckHostName(text[..colon].Trim('[', ']')) != UriHostNameType.Unknown
                && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
            ? whole
            : Bad(setting, "", $"'{whole}' is no HOST:PORT");
    }

    private T Bad<T>(Setting setting, T instead, string what)
    {
        Error ??= $"{setting.Option} ({setting.Path}): {what}";
        return instead;
    }
}
