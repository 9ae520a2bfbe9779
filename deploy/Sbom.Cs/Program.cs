using System.Text.Json;
using Sbom;

if (args is not [var dependencies, var version, var licences]
    || !dependencies.EndsWith(".deps.json", StringComparison.Ordinal)
    || !File.Exists(dependencies))
{
    await Console.Error.WriteLineAsync(
        "Usage: Sbom.Cs FOLDER/PROGRAM.deps.json VERSION LICENCES: prints what the published program contains, and "
        + "copies the licences to the folder LICENCES.");
    return 2;
}

var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(
    Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
var program = Path.GetFileName(dependencies)[..^".deps.json".Length];
using var published = JsonDocument.Parse(File.ReadAllBytes(dependencies));
var components = Component.Of(published.RootElement, packages);
Notices.Copy(components, licences);
Console.Write(CycloneDx.Document(program, version, components));
return 0;
