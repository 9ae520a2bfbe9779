using System.Text.Json;
using System.Xml.Linq;

namespace Sbom;

/// <summary>A part of a published program: a NuGet package, or a native library within one.</summary>
/// <param name="Name">The NuGet ID, or the library's name.</param>
/// <param name="Version">The version.</param>
/// <param name="Purl">The package URL, which identifies the part.</param>
/// <param name="Sha512">The hash of the package's file in hexadecimal; null for a part of a package.</param>
/// <param name="Licence">The licence; null if the package states none.</param>
/// <param name="Folder">The folder of the unpacked package; null for a part of a package.</param>
internal sealed record Component(
    string Name, string Version, string Purl, string? Sha512, Licence? Licence, string? Folder)
{
    private const string RuntimePack = "runtimepack.";

    /// <summary>The parts of a package that are libraries of their own.</summary>
    public IReadOnlyList<Component> Parts { get; init; } = [];

    /// <summary>Returns the packages of a <c>.deps.json</c>, by name, without the program's own projects.</summary>
    public static IReadOnlyList<Component> Of(JsonElement dependencies, string packages) =>
    [
        .. dependencies.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() is "package" or "runtimepack")
            .Select(library => Read(library.Name, packages))
            .OrderBy(library => library.Name, StringComparer.Ordinal),
    ];

    private static Component Read(string key, string packages)
    {
        var cut = key.LastIndexOf('/');
        var name = key[..cut];
        var version = key[(cut + 1)..];
        name = name.StartsWith(RuntimePack, StringComparison.Ordinal) ? name[RuntimePack.Length..] : name;
        // NuGet's folder names are in lower case.
        var lower = name.ToLowerInvariant();
        var folder = Path.Combine(packages, lower, version);
        var hash = File.ReadAllText(Path.Combine(folder, $"{lower}.{version}.nupkg.sha512")).Trim();
        return new Component(
            name,
            version,
            $"pkg:nuget/{name}@{Uri.EscapeDataString(version)}",
            Convert.ToHexStringLower(Convert.FromBase64String(hash)),
            LicenceOf(folder, Path.Combine(folder, lower + ".nuspec")),
            folder)
        {
            Parts = NativeLibraries.Of(folder),
        };
    }

    private static Licence? LicenceOf(string folder, string description)
    {
        var licence = XDocument.Load(description).Descendants()
            .FirstOrDefault(element => element.Name.LocalName == "license");
        return licence?.Attribute("type")?.Value switch
        {
            "expression" => new Licence.Expression(licence.Value),
            "file" => new Licence.Named(
                licence.Value, File.ReadAllText(Path.Combine(folder, licence.Value.Replace('\\', '/')))),
            _ => null,
        };
    }
}

/// <summary>A licence.</summary>
internal abstract record Licence
{
    /// <summary>An SPDX expression.</summary>
    public sealed record Expression(string Value) : Licence;

    /// <summary>A licence without an SPDX identifier, with its text if there is one.</summary>
    public sealed record Named(string Name, string? Text) : Licence;
}
