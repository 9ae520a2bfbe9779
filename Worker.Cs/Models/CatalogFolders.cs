namespace Worker.Models;

/// <summary>The model folders of a catalog.</summary>
internal static class CatalogFolders
{
    /// <summary>Returns the names of the subfolders that hold a manifest or a network.</summary>
    public static IReadOnlyList<string> Ids(string directory)
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories(directory)
                    .Where(IsModel)
                    .Select(folder => Path.GetFileName(folder)!)
                    .Where(name => !name.StartsWith('.')),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>
    /// Returns whether the model's own folder has all its files, so that nothing is to be fetched. A folder with an
    /// invalid manifest counts as complete: loading it gives the reason.
    /// </summary>
    public static bool IsComplete(string id, string directory)
    {
        var folder = Path.Combine(directory, id);
        if (Directory.EnumerateFiles(folder, "*.part").Any())
        {
            return false;
        }

        return !ModelCatalog.Find(id, directory).Try(out var manifest, out _)
            || manifest.Files.GroupBy(file => file.Role)
                .All(variants => variants.Any(file => File.Exists(Path.Combine(folder, file.Name))));
    }

    private static bool IsModel(string folder) =>
        Directory.EnumerateFiles(folder, "model.json").Any()
        || Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories).Any();
}
