using System.Text.Json;

namespace Worker.Models;

/// <summary>Reads the manifest of a model.</summary>
internal static class ManifestReader
{
    /// <summary>Reads and validates a manifest; the folder's name must be the model's id.</summary>
    public static Outcome<ModelManifest> Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var manifest = JsonSerializer.Deserialize(stream, ManifestJson.Default.ModelManifest);
            var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "";
            var error = manifest is null ? "it is empty" : ManifestValidation.Validate(manifest, folder);
            return error is null ? new Outcome<ModelManifest>.Ok(manifest!) : Fail($"{path}: {error}");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return Fail($"{path}: {e.Message}");
        }
    }

    private static Outcome<ModelManifest>.Failed Fail(string reason) => new(reason);
}
