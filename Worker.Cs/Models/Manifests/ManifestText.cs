using System.Reflection;
using System.Text.Json.Serialization;

namespace Worker.Models;

/// <summary>Formats values as they appear in a manifest, for messages.</summary>
internal static class ManifestText
{
    /// <summary>Returns the member's name in a manifest, such as <c>shorter-side</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum =>
        typeof(T).GetField(value.ToString())?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
            ?? value.ToString();
}
