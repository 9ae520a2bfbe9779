namespace Worker.Models;

/// <summary>The locations of a model's files, in search order.</summary>
/// <param name="Directory">The catalog's folder; downloads go to its subfolder of the model's name.</param>
/// <param name="Mirrors">
/// Read-only folders that hold files, or folders with files; that of the model's name comes first.
/// </param>
/// <param name="Offline">Whether downloads are disabled.</param>
public sealed record ModelPaths(string Directory, IReadOnlyList<string> Mirrors, bool Offline);

/// <summary>A model's verified files; the paths are a mirror's if it has them.</summary>
/// <param name="Manifest">The model's manifest.</param>
/// <param name="Network">Path of the ONNX file.</param>
/// <param name="Labels">Path of the class names; null if the manifest or the model itself has them.</param>
/// <param name="Tree">Path of the class tree; null if the manifest names none.</param>
public sealed record ModelFiles(ModelManifest Manifest, string Network, string? Labels, string? Tree = null);

/// <summary>
/// Gets a model's files from the catalog's folder, a mirror, or else the public address. A file is used only if its
/// length and SHA-256 match the manifest.
/// </summary>
public sealed class ModelStore(
    ModelPaths paths,
    HttpClient http,
    DownloadPolicy policy,
    TimeProvider clock,
    IProgress<DownloadProgress> progress,
    ILogger logger)
{
    private readonly Download download = new(http, policy, clock, progress);

    /// <summary>Returns every file of the model, or the reason why the first missing one is not available.</summary>
    public async Task<Outcome<ModelFiles>> GetAsync(ModelManifest manifest, CancellationToken cancel)
    {
        string? labels = null;
        string? tree = null;
        if (!(await GetNetworkAsync(manifest, cancel)).Try(out var network, out var reason)
            || (manifest.Variants(FileRole.Labels).Any()
                && !(await GetAsync(manifest, FileRole.Labels, cancel)).Try(out labels, out reason))
            || (manifest.Tree is { } name && !ModelCatalog.FindTree(name, paths.Directory).Try(out tree, out reason)))
        {
            return new Outcome<ModelFiles>.Failed($"model {manifest.Id}: {reason}");
        }

        return new Outcome<ModelFiles>.Ok(new ModelFiles(manifest, network, labels, tree));
    }

    /// <summary>Gets the graph; its data must be beside it.</summary>
    private async Task<Outcome<string>> GetNetworkAsync(ModelManifest manifest, CancellationToken cancel)
    {
        var graph = await GetAsync(manifest, FileRole.Network, cancel);
        var data = manifest.Variants(FileRole.Data).ToList();
        if (data.Count == 0 || !graph.Try(out var network, out _))
        {
            return graph;
        }

        var folder = Path.GetDirectoryName(network)!;
        foreach (var file in data)
        {
            var errors = new List<string>();
            if (await FindAsync([folder], [file], errors, cancel) is null
                && !(await FetchOrFailAsync([file], folder, folder, errors, cancel)).Try(out _, out var reason))
            {
                return new Outcome<string>.Failed(reason);
            }
        }

        return graph;
    }

    private async Task<Outcome<string>> GetAsync(ModelManifest manifest, FileRole role, CancellationToken cancel)
    {
        var variants = manifest.Variants(role).ToList();
        var own = ModelCatalog.Folder(paths.Directory, manifest.Id);
        // Hugging Face's exports are in a subfolder.
        var mirrored = paths.Mirrors.SelectMany(mirror => Folders(mirror, manifest.Id));
        IEnumerable<string> folders = [own, Path.Combine(own, "onnx"), .. mirrored];
        var errors = new List<string>();
        return await FindAsync(folders, variants, errors, cancel) is { } found
            ? new Outcome<string>.Ok(found)
            : await FetchOrFailAsync(variants, own, string.Join(", ", paths.Mirrors.Prepend(own)), errors, cancel);
    }

    /// <summary>
    /// Returns a mirror's folders: models share files, such as ImageNet's class names, that lie in one of them.
    /// </summary>
    private static IEnumerable<string> Folders(string mirror, string id) =>
    [
        Path.Combine(mirror, id),
        mirror,
        .. Directory.Exists(mirror)
            ? Directory.GetDirectories(mirror).Order(StringComparer.Ordinal)
            : Enumerable.Empty<string>(),
    ];

    private async Task<Outcome<string>> FetchOrFailAsync(
        List<ModelFile> variants, string folder, string searched, List<string> errors, CancellationToken cancel)
    {
        var names = string.Join(" or ", variants.Select(file => file.Name));
        searched = errors.Count == 0 ? searched : $"{searched} ({string.Join("; ", errors)})";
        if (paths.Offline)
        {
            return new Outcome<string>.Failed($"no {names} in {searched}, and fetching is switched off");
        }

        return variants.Find(file => file.Source is not null) is { } fetchable
            ? await FetchAsync(fetchable, fetchable.Source!, folder, cancel)
            : new Outcome<string>.Failed($"no {names} in {searched}, and no public address is known");
    }

    private async Task<string?> FindAsync(
        IEnumerable<string> folders, List<ModelFile> variants, List<string> errors, CancellationToken cancel)
    {
        foreach (var folder in folders)
        {
            foreach (var file in variants)
            {
                var path = Path.Combine(folder, file.Name);
                if (!File.Exists(path))
                {
                    continue;
                }

                if (await FileCheck.ValidateAsync(path, file, cancel) is not { } error)
                {
                    return path;
                }

                errors.Add($"{path} {error}");
                ModelLog.Refused(logger, path, error);
            }
        }

        return null;
    }

    private async Task<Outcome<string>> FetchAsync(ModelFile file, Uri source, string folder, CancellationToken cancel)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, file.Name);
            using var folderLock = await FolderLock.AcquireAsync(folder, clock, cancel);
            // The previous holder of the lock may have downloaded it meanwhile.
            if (await FindAsync([folder], [file], [], cancel) is { } found)
            {
                return new Outcome<string>.Ok(found);
            }

            ModelLog.Fetching(logger, file.Name, source, file.Bytes);
            return await download.FetchAsync(file, source, path, cancel) is { } reason
                ? new Outcome<string>.Failed(reason)
                : new Outcome<string>.Ok(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Outcome<string>.Failed($"{folder} can't hold {file.Name}: {e.Message}");
        }
    }
}
