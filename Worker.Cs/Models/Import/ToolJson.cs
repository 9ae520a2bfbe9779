using System.Text.Json;

namespace Worker.Models.Import;

/// <summary>Reads optional values of the JSON that tools write.</summary>
internal static class ToolJson
{
    /// <summary>
    /// Reads a tool's file with <paramref name="read"/>; fails if it is not of the form that <paramref name="form"/>
    /// names.
    /// </summary>
    public static Outcome<ToolManifest>? Read(
        string path, string form, Func<JsonElement, Outcome<ToolManifest>?> read)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(document.RootElement);
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or FormatException or IOException
                or UnauthorizedAccessException)
        {
            return new Outcome<ToolManifest>.Failed($"{path} {form}: {e.Message}");
        }
    }

    /// <summary>Returns null if there is no such number.</summary>
    public static double? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    /// <summary>Returns null if there is no such text.</summary>
    public static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Returns null if there is no such array of numbers.</summary>
    public static double[]? Numbers(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(number => number.GetDouble())]
            : null;

    /// <summary>Returns null if there is no such array of texts.</summary>
    public static string[]? Texts(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(Text)]
            : null;

    /// <summary>Returns the value of a text; throws <see cref="FormatException"/> for null.</summary>
    public static string Text(JsonElement text) => text.GetString() ?? throw new FormatException("a name is null");
}
