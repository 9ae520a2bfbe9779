using System.Text.Json;

namespace Worker.Models;

/// <summary>Finds and reads manifests.</summary>
public static class ModelCatalog
{
    /// <summary>
    /// Returns the nearest <c>models</c> folder above the program that holds a manifest: the repository's for a build,
    /// the program's own for a published worker.
    /// </summary>
    public static string DefaultDirectory()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var models = Path.Combine(at.FullName, "models");
            if (Directory.Exists(models) && Directory.EnumerateFiles(models, "*.json").Any())
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
        if (id.Length == 0 || id.AsSpan().ContainsAny('/', '\\') || id.StartsWith('.'))
        {
            return Fail($"'{id}' is no model's name");
        }

        string[] places = [directory, DefaultDirectory()];
        var path = places.Select(place => Path.Combine(place, id + ".json")).FirstOrDefault(File.Exists);
        return path is null
            ? Fail($"no model '{id}': there is no {id}.json in {string.Join(" or ", places.Distinct())}")
            : Read(path, id);
    }

    private static Outcome<ModelManifest> Read(string path, string id)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var manifest = JsonSerializer.Deserialize(stream, ManifestJson.Default.ModelManifest);
            var flaw = manifest is null ? "it is empty" : Validate(manifest, id);
            return flaw is null ? new Outcome<ModelManifest>.Ok(manifest!) : Fail($"{path}: {flaw}");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return Fail($"{path}: {e.Message}");
        }
    }

    private static string? Validate(ModelManifest manifest, string id)
    {
        return manifest switch
        {
            _ when manifest.Id != id => $"its id is '{manifest.Id}', not its file name's",
            _ when manifest.Files.FirstOrDefault(file => !Plausible(file)) is { } file =>
                $"'{file.Name}' needs a plain name, a length and a sha256",
            _ when !manifest.Variants(FileRole.Network).Any() => "no file has the role network",
            _ when !manifest.Variants(FileRole.Labels).Any() => "no file has the role labels",
            _ => Validate(manifest.Preprocessing),
        };
    }

    private static string? Validate(Preprocessing model) => model switch
    {
        { Interpolation: not "bilinear-antialias" } => $"unknown interpolation '{model.Interpolation}'",
        { Channels: not "rgb" } => $"unknown channels '{model.Channels}'",
        _ when model.Crop < 1 || model.Crop > model.ResizeShortSide || model.ResizeShortSide > 4096 =>
            "crop and resizeShortSide are not 1 <= crop <= resizeShortSide <= 4096",
        _ when model.Mean.Length != 3 || model.Std.Length != 3 || model.Std.Any(std => std <= 0) =>
            "mean and std need three numbers, those of std above 0",
        _ => null,
    };

    private static bool Plausible(ModelFile file) =>
        file.Name.Length > 0 && Path.GetFileName(file.Name) == file.Name && !file.Name.StartsWith('.')
        && file.Bytes > 0
        && file.Sha256.Length == 64 && file.Sha256.All(char.IsAsciiHexDigitLower);

    private static Outcome<ModelManifest>.Failed Fail(string reason) => new(reason);
}
