using System.Text.Json;

namespace Node.Hosting.Settings;

/// <summary>Errors of a configuration file, such as <c>appsettings.json</c>.</summary>
public static class ConfigurationFile
{
    /// <summary>Returns whether an exception is about a file that can't be read, or whose content is invalid.</summary>
    public static bool IsInvalid(Exception error) =>
        error is InvalidDataException or IOException or UnauthorizedAccessException;

    /// <summary>Describes the error in one line: which file, and what is wrong with it.</summary>
    public static string Describe(Exception error) => error.GetBaseException() switch
    {
        // The parser's own message names its internals.
        JsonException { LineNumber: { } line, BytePositionInLine: { } place } =>
            $"{error.Message} It is not JSON: there is an error at line {line + 1}, byte {place + 1}.",
        var cause when cause == error => error.Message,
        var cause => $"{error.Message} {cause.Message}",
    };
}
