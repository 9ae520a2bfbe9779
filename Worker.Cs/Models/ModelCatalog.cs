using Worker.Models.Import;

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
            return Fail($"'{id}' is not a valid model name");
        }

        string[] places = [.. new[] { directory, DefaultDirectory() }.Distinct()];
        if (places.Select(place => Path.Combine(place, id)).FirstOrDefault(HasManifest) is { } folder)
        {
            return ManifestReader.Read(Path.Combine(folder, FileName));
        }

        if (places.SelectMany(place => Named(place, id)).FirstOrDefault() is { } bare)
        {
            return OfTool(bare, id);
        }

        if (places.FirstOrDefault(place => File.Exists(Path.Combine(place, id + ".json"))) is { } place)
        {
            return Fail(
                $"{Path.Combine(place, id + ".json")} is the old location of manifests: "
                + $"write {Path.Combine(place, id, FileName)}, whose members docs/models.md lists");
        }

        return Fail($"no model '{id}': there is no {Path.Combine(id, FileName)} in {string.Join(" or ", places)}");
    }

    /// <summary>
    /// Returns the path of a class tree in <paramref name="directory"/>, or else in the catalog that came with the
    /// program.
    /// </summary>
    public static Outcome<string> FindTree(string name, string directory)
    {
        string[] places = [.. new[] { directory, DefaultDirectory() }.Distinct()];
        var file = Path.Combine(name, ClassTreeFile.FileName);
        return places.Select(place => Path.Combine(place, file)).FirstOrDefault(File.Exists) is { } path
            ? new Outcome<string>.Ok(path)
            : new Outcome<string>.Failed(
                $"no class tree '{name}': there is no {file} in {string.Join(" or ", places)}");
    }

    /// <summary>Returns the class trees in a catalog's folder.</summary>
    internal static IEnumerable<FileInfo> Trees(string directory) =>
        Folders(directory)
            .Select(folder => new FileInfo(Path.Combine(folder, ClassTreeFile.FileName)))
            .Where(file => file.Exists);

    /// <summary>
    /// Returns the ids of the models in a catalog's folder, in their order: folders with a manifest, and with an ONNX
    /// file whose tool wrote what else is needed.
    /// </summary>
    public static IReadOnlyList<string> Ids(string directory) =>
    [
        .. Folders(directory)
            .Where(folder => HasManifest(folder) || HasNetwork(folder))
            .Select(folder => Path.GetFileName(folder).ToLowerInvariant())
            .Where(ManifestValidation.IsId)
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Returns a model's folder in a catalog, whether it exists; a tool's may have capital letters.</summary>
    internal static string Folder(string directory, string id)
    {
        var exact = Path.Combine(directory, id);
        return Directory.Exists(exact) ? exact : Named(directory, id).FirstOrDefault() ?? exact;
    }

    /// <summary>Returns the folders with a network and no manifest whose name in lower case is the id.</summary>
    private static IEnumerable<string> Named(string directory, string id) =>
        Folders(directory)
            .Where(folder => Path.GetFileName(folder).Equals(id, StringComparison.OrdinalIgnoreCase))
            .Where(HasNetwork);

    private static Outcome<ModelManifest> OfTool(string folder, string id) =>
        !ModelDraft.Of(folder, id).Try(out var draft, out var reason) ? Fail(reason)
        : draft.Tool is null
            ? Fail(
                $"{folder} has no {FileName}, and no tool's files say how to preprocess a picture: "
                + $"./recognize models add {folder} --preset NAME writes it")
        : ManifestValidation.Validate(draft.Manifest, id) is { } error ? Fail($"{folder}: {error}")
        : new Outcome<ModelManifest>.Ok(draft.Manifest);

    private static IEnumerable<string> Folders(string directory) =>
        Directory.Exists(directory) ? Directory.EnumerateDirectories(directory) : [];

    private static bool HasNetwork(string folder) =>
        ((string[])[folder, Path.Combine(folder, "onnx")])
            .Where(Directory.Exists)
            .Any(place => Directory.EnumerateFiles(place, "*.onnx").Any());

    private static bool HasManifest(string folder) => File.Exists(Path.Combine(folder, FileName));

    private static Outcome<ModelManifest>.Failed Fail(string reason) => new(reason);
}
