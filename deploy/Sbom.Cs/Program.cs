using System.Text.Json;
using Sbom;

if (args is not [var dependencies, var version] || !dependencies.EndsWith(".deps.json", StringComparison.Ordinal) || !File.Exists(dependencies))
{
    await Console.Error.WriteLineAsync("Usage: Sbom.Cs FOLDER/PROGRAM.deps.json VERSION, with the .deps.json file of a published program.");
    return 2;
}

var program = Path.GetFileName(dependencies)[..^".deps.json".Length];
using var published = JsonDocument.Parse(File.ReadAllBytes(dependencies));
await using var output = Console.OpenStandardOutput();
CycloneDx.Write(output, program, version, Library.Of(published.RootElement));
return 0;
