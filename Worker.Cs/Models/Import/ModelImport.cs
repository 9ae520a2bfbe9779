using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Worker.Inference;

namespace Worker.Models.Import;

/// <summary>Information about a model that the user supplies because no file contains it.</summary>
/// <param name="Id">The id; null for the file's or folder's name in lower case.</param>
/// <param name="Preset">The normalization; null for the tool's, or else torchvision's.</param>
/// <param name="Labels">A file of class names, one a line; null for the tool's or the model's own.</param>
public sealed record ImportOptions(string? Id = null, string? Preset = null, string? Labels = null);

/// <summary>Adds a model to a catalog: copies its files, and writes the manifest.</summary>
public static class ModelImport
{
    private const string LabelsFile = "labels.txt";

    /// <summary>
    /// Adds the ONNX file or the folder at <paramref name="path"/> and returns its id; fails, and leaves the catalog as
    /// it was, if the model can't be served.
    /// </summary>
    public static Outcome<string> Add(string path, string catalog, ImportOptions options)
    {
        if (!ModelDraft.Of(path, options.Id).Try(out var draft, out var reason))
        {
            return Fail(reason);
        }

        var manifest = With(draft.Manifest, options);
        var folder = Path.Combine(catalog, manifest.Id);
        if (ManifestValidation.Validate(manifest, manifest.Id) is { } error)
        {
            return Fail(error);
        }

        if (Directory.Exists(folder))
        {
            return Fail($"{folder} exists: remove it, or choose another name with --id");
        }

        // A worker that watches the catalog sees the whole folder at once.
        var unfinished = Path.Combine(catalog, $".adding-{manifest.Id}");
        try
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }

            Directory.CreateDirectory(unfinished);
            manifest = Copy(manifest, draft.Folder, unfinished, options);
            if (!Load(manifest, unfinished, catalog).Try(out var network, out reason))
            {
                return Fail(reason);
            }

            using (network)
            {
                Write(Explicit(manifest, network), unfinished);
            }

            Directory.Move(unfinished, folder);
            return new Outcome<string>.Ok(manifest.Id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message);
        }
        finally
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
    }

    /// <summary>Loads the network of a draft from where its files are.</summary>
    internal static Outcome<Network> Load(ModelDraft draft)
    {
        // The other folders of its catalog are beside its own.
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(draft.Folder));
        return Load(draft.Manifest, folder, Path.GetDirectoryName(folder) ?? folder);
    }

    private static Outcome<Network> Load(ModelManifest manifest, string folder, string catalog)
    {
        string? tree = null;
        if (manifest.Tree is { } name && !ModelCatalog.FindTree(name, catalog).Try(out tree, out var reason))
        {
            return new Outcome<Network>.Failed($"model {manifest.Id}: {reason}");
        }

        var network = Existing(manifest, folder, FileRole.Network)!;
        var labels = Existing(manifest, folder, FileRole.Labels);
        return Network.Load(new ModelFiles(manifest, network, labels, tree), NullLogger.Instance);
    }

    private static string? Existing(ModelManifest manifest, string folder, FileRole role)
    {
        var paths = manifest.Variants(role).Select(file => Path.Combine(folder, file.Name)).ToList();
        return paths.Find(File.Exists) ?? paths.FirstOrDefault();
    }

    private static ModelManifest With(ModelManifest manifest, ImportOptions options)
    {
        manifest = manifest with { Id = options.Id ?? manifest.Id };
        manifest = options.Preset is { } preset
            ? manifest with { Normalise = new NormaliseSpec(preset), Input = manifest.Input with { Channels = null } }
            : manifest;
        return options.Labels is null
            ? manifest
            : manifest with { Labels = null, Files = [.. manifest.Files.Where(file => file.Role != FileRole.Labels)] };
    }

    private static ModelManifest Copy(ModelManifest manifest, string from, string to, ImportOptions options)
    {
        // Of variants one suffices; data files are none.
        var present = manifest.Files.Where(file => file.Role == FileRole.Data || File.Exists(Path.Combine(from, file.Name)));
        foreach (var file in present)
        {
            File.Copy(Path.Combine(from, file.Name), Path.Combine(to, file.Name));
        }

        if (options.Labels is { } labels)
        {
            var copy = Path.Combine(to, LabelsFile);
            File.Copy(labels, copy);
            manifest = manifest with { Files = [.. manifest.Files, ModelDraft.File(FileRole.Labels, copy)] };
        }

        return manifest;
    }

    /// <summary>Returns the manifest with what was found in the graph, for a reader to check.</summary>
    private static ModelManifest Explicit(ModelManifest manifest, Network network) => manifest with
    {
        Input = manifest.Input with { Channels = network.Input.Channels },
        Normalise = manifest.Normalise == new NormaliseSpec()
            ? new NormaliseSpec(NormalisePreset.Of(manifest.Normalise).Name)
            : manifest.Normalise,
        Output = manifest.Output with { Kind = network.Output.Kind },
    };

    private static void Write(ModelManifest manifest, string folder)
    {
        var json = JsonSerializer.Serialize(manifest, ManifestJson.Default.ModelManifest);
        File.WriteAllText(Path.Combine(folder, ModelCatalog.FileName), json + "\n");
    }

    private static Outcome<string>.Failed Fail(string reason) => new(reason);
}
