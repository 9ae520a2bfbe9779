using System.Security.Cryptography;
using System.Text.Json;
using Protocol.Core;
using Worker.Models;

namespace Worker.Inference;

/// <summary>Loads models of the catalog into a recognizer.</summary>
/// <param name="recognizer">The recognizer that serves the models.</param>
/// <param name="paths">The locations of the models' files.</param>
/// <param name="maxModels">The most models at once, at least 1.</param>
/// <param name="logger">Receives what was loaded.</param>
/// <param name="device">The device that runs the networks.</param>
public sealed class ModelLoader(
    Recognizer recognizer,
    ModelPaths paths,
    int maxModels,
    ILogger logger,
    ExecutionDevice device = ExecutionDevice.Cpu)
{
    // A loaded network takes its weights, their optimized copy and its working memory.
    private const int MemoryPerFileByte = 3;

    /// <summary>The catalog's folder.</summary>
    public string Directory => paths.Directory;

    /// <summary>
    /// Loads, warms up and publishes a model; no change if this very version is in service. Returns null on success,
    /// else the reason, which is also recorded with the model. Files come from the public address only if
    /// <paramref name="fetches"/>.
    /// </summary>
    public async Task<string?> LoadAsync(string id, bool fetches, CancellationToken cancel = default)
    {
        try
        {
            return await TryLoadAsync(id, fetches, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(id, $"model {id}: {e.Message.TrimEnd('.')}");
        }
    }

    private async Task<string?> TryLoadAsync(string id, bool fetches, CancellationToken cancel)
    {
        if (!ModelCatalog.Find(id, paths.Directory).Try(out var manifest, out var reason)
            || !DigestOf(manifest).Try(out var digest, out reason))
        {
            return Fail(id, reason);
        }

        var (current, error) = recognizer.Models.Find(id);
        if (current == digest && error == "")
        {
            return null;
        }

        if (current is null && recognizer.Models.Count >= maxModels)
        {
            return Fail(id, $"the limit of {maxModels} models is reached (--max-models)");
        }

        recognizer.Models.Begin(id);
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var places = fetches ? paths : paths with { Offline = true };
        var store = new ModelStore(
            places, http, DownloadPolicy.Standard, TimeProvider.System, new ConsoleProgress(), logger);
        if (!(await store.GetAsync(manifest, cancel)).Try(out var files, out reason)
            || !Fits(files).Try(out files, out reason)
            || !Network.Load(files, logger, device).Try(out var network, out reason))
        {
            return Fail(id, reason);
        }

        ModelLog.Found(logger, id, files.Network, files.Labels);
        recognizer.Add(network, digest);
        ModelLog.InService(logger, id, network.Version);
        return null;
    }

    /// <summary>Takes a model out of service; its requests in flight finish.</summary>
    public void Remove(string id)
    {
        recognizer.Models.Remove(id);
        ModelLog.Removed(logger, id);
    }

    /// <summary>Logs why a model, or its next version, can't be loaded.</summary>
    public void Log(string id, string reason)
    {
        if (recognizer.Models.Find(id).Digest is null)
        {
            ModelLog.NotLoaded(logger, id, reason);
        }
        else
        {
            ModelLog.NotReplaced(logger, id, reason);
        }
    }

    /// <summary>Records why a model, or its next version, can't be loaded, and returns the reason.</summary>
    public string Fail(string id, string reason)
    {
        recognizer.Models.Fail(id, reason);
        return reason;
    }

    /// <summary>Identifies a manifest, with its files' sums, and the class tree.</summary>
    private Outcome<string> DigestOf(ModelManifest manifest)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(manifest, ManifestJson.Default.ModelManifest);
        string? tree = null;
        if (manifest.Tree is { } name && !ModelCatalog.FindTree(name, paths.Directory).Try(out tree, out var reason))
        {
            return new Outcome<string>.Failed($"model {manifest.Id}: {reason}");
        }

        var treeText = tree is null ? [] : File.ReadAllBytes(tree);
        return new Outcome<string>.Ok(Convert.ToHexStringLower(SHA256.HashData([.. text, .. treeText]))[..16]);
    }

    /// <summary>Refuses a model that the machine's memory can't hold.</summary>
    private static Outcome<ModelFiles> Fits(ModelFiles files)
    {
        var needed = MemoryPerFileByte * new FileInfo(files.Network).Length;
        var free = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
        return needed <= free
            ? new Outcome<ModelFiles>.Ok(files)
            : new Outcome<ModelFiles>.Failed(
                $"{files.Network} needs about {needed >> 20} MiB of memory and {Math.Max(0, free >> 20)} MiB are free");
    }
}
