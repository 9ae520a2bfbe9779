using System.Text.Json;
using System.Xml.Linq;

namespace Sbom;

/// <summary>A package that a published program contains.</summary>
/// <param name="Name">The NuGet ID.</param>
/// <param name="Version">The package's version.</param>
/// <param name="Sha512">
/// The hash of the package's file from NuGet, in base64; null if unknown, as for the runtime.
/// </param>
/// <param name="Licence">
/// An SPDX expression; null if the package has a licence text instead, or is not on this machine.
/// </param>
internal sealed record Library(string Name, string Version, string? Sha512, string? Licence)
{
    private const string RuntimePack = "runtimepack.";

    /// <summary>Returns the packages of a <c>.deps.json</c>, by name, without the program's own projects.</summary>
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
        // NuGet's folder names are in lower case.
        var lower = name.ToLowerInvariant();
        var description = Path.Combine(packages, lower, version, lower + ".nuspec");
        return File.Exists(description)
            ? XDocument.Load(description).Descendants()
                .FirstOrDefault(element => element.Name.LocalName == "license"
                    && element.Attribute("type")?.Value == "expression")?.Value
            : null;
    }
}
