namespace Worker.Models;

/// <summary>The model folders of a catalog.</summary>
internal static class CatalogFolders
{
    /// <summary>Returns the ids of the models, none if the folder can't be read.</summary>
    public static IReadOnlyList<string> Ids(string directory)
    {
        try
        {
            return ModelCatalog.Ids(directory);
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
        var folder = ModelCatalog.Folder(directory, id);
        if (Directory.EnumerateFiles(folder, "*.part").Any())
        {
            return false;
        }

        return !ModelCatalog.Find(id, directory).Try(out var manifest, out _)
            || manifest.Files.GroupBy(file => file.Role)
                .All(files => files.Key == FileRole.Data
                    ? files.All(file => Exists(folder, file.Name))
                    : files.Any(file => Exists(folder, file.Name)));
    }

    private static bool Exists(string folder, string file) =>
        File.Exists(Path.Combine(folder, file)) || File.Exists(Path.Combine(folder, "onnx", file));
}
