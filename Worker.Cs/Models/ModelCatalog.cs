using System.Text.Json;

namespace Worker.Models;

/// <summary>Finds and reads manifests.</summary>
public static class ModelCatalog
{
    /// <summary>The manifest's name in a model's folder.</summary>
    public const string FileName = "model.json";

    /// <summary>
    /// Returns the nearest <c>models</c> folder above the program that holds a manifest: the repository's for a build,
    /// the program's own for a published worker.
    /// </summary>
    public static string DefaultDirectory()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var models = Path.Combine(at.FullName, "models");
            if (Directory.Exists(models) && Directory.EnumerateDirectories(models).Any(HasManifest))
            {
                return models;
            }
        }

        return Path.Combine(AppContext.BaseDirectory, "models");
    }

    /// <summary>
    /// Finds the manifest <paramref name="id"/> in <paramref name="directory"/>, or else in the catalog that came with
    /// the program, so that a folder for the files alone need not hold it.
    /// </summary>
    public static Outcome<ModelManifest> Find(string id, string directory)
    {
        if (!ManifestValidation.IsId(id))
        {
            return Fail($"'{id}' is no model's name");
        }

        string[] places = [.. new[] { directory, DefaultDirectory() }.Distinct()];
        if (places.Select(place => Path.Combine(place, id)).FirstOrDefault(HasManifest) is { } folder)
        {
            return Read(Path.Combine(folder, FileName));
        }

        return places.Select(place => Path.Combine(place, id + ".json")).FirstOrDefault(File.Exists) is { } old
            ? Fail($"{old} is where manifests were: write {Path.Combine(Path.GetDirectoryName(old)!, id, FileName)}, whose members docs/models.md lists")
            : Fail($"no model '{id}': there is no {Path.Combine(id, FileName)} in {string.Join(" or ", places)}");
    }

    /// <summary>Reads and validates a manifest; its folder has the model's name.</summary>
    public static Outcome<ModelManifest> Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var manifest = JsonSerializer.Deserialize(stream, ManifestJson.Default.ModelManifest);
            var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "";
            var flaw = manifest is null ? "it is empty" : ManifestValidation.Flaw(manifest, folder);
            return flaw is null ? new Outcome<ModelManifest>.Ok(manifest!) : Fail($"{path}: {flaw}");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return Fail($"{path}: {e.Message}");
        }
    }

    private static bool HasManifest(string folder) => File.Exists(Path.Combine(folder, FileName));

    private static Outcome<ModelManifest>.Failed Fail(string reason) => new(reason);
}
