using System.Text.Json;
using Sbom;

if (args is not [var folder, var version] || Directory.GetFiles(folder, "*.deps.json") is not [var dependencies])
{
    await Console.Error.WriteLineAsync("Sbom.Cs FOLDER VERSION: FOLDER is a published program's, with its .deps.json.");
    return 2;
}

var program = Path.GetFileName(dependencies)[..^".deps.json".Length];
using var published = JsonDocument.Parse(File.ReadAllBytes(dependencies));
await using var output = Console.OpenStandardOutput();
CycloneDx.Write(output, program, version, Library.Of(published.RootElement));
return 0;
