using System.Text.Json;
using System.Xml.Linq;

namespace Sbom;

/// <summary>A package that a published program has in it.</summary>
/// <param name="Name">NuGet's.</param>
/// <param name="Version">Of the package.</param>
/// <param name="Sha512">Of the package's file, as NuGet has it, in base64; null where it is not told: the runtime's.</param>
/// <param name="Licence">An SPDX expression; null where the package has a text instead, or is not on this machine.</param>
internal sealed record Library(string Name, string Version, string? Sha512, string? Licence)
{
    private const string RuntimePack = "runtimepack.";

    /// <summary>Those of a <c>.deps.json</c>, by name; the program's own projects are left out.</summary>
    public static IReadOnlyList<Library> Of(JsonElement dependencies) =>
    [
        .. dependencies.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() is "package" or "runtimepack")
            .Select(library => Read(library.Name, library.Value))
            .OrderBy(library => library.Name, StringComparer.Ordinal),
    ];

    private static Library Read(string key, JsonElement library)
    {
        var cut = key.LastIndexOf('/');
        var name = key[..cut];
        var version = key[(cut + 1)..];
        name = name.StartsWith(RuntimePack, StringComparison.Ordinal) ? name[RuntimePack.Length..] : name;
        var sha512 = library.GetProperty("sha512").GetString()!;
        return new Library(
            name,
            version,
            sha512.StartsWith("sha512-", StringComparison.Ordinal) ? sha512["sha512-".Length..] : null,
            LicenceOf(name, version));
    }

    private static string? LicenceOf(string name, string version)
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        // NuGet's folders are in lower case.
        var lower = name.ToLowerInvariant();
        var description = Path.Combine(packages, lower, version, lower + ".nuspec");
        return File.Exists(description)
            ? XDocument.Load(description).Descendants()
                .FirstOrDefault(element => element.Name.LocalName == "license"
                    && element.Attribute("type")?.Value == "expression")?.Value
            : null;
    }
}
