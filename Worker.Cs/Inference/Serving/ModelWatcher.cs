using Worker.Models;

namespace Worker.Inference;

/// <summary>
/// Watches the catalog's folder: a complete model that is put there, or changed, is loaded; one that is removed leaves
/// service. Polls, since file events don't arrive from every kind of volume.
/// </summary>
internal sealed class ModelWatcher : IAsyncDisposable
{
    /// <summary>The polling interval. A folder is loaded once it has been unchanged for one interval.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ModelLoader loader;
    private readonly HashSet<string> named;
    private readonly Dictionary<string, string> seen = [];
    private readonly Dictionary<string, string> loaded = [];
    private readonly PeriodicTask polls;

    private ModelWatcher(ModelLoader loader, IEnumerable<string> named, TimeProvider clock)
    {
        this.loader = loader;
        this.named = [.. named];
        foreach (var id in this.named)
        {
            loaded[id] = Fingerprint(id);
        }

        polls = new PeriodicTask(Interval, clock, PollAsync);
    }

    /// <summary>
    /// Starts to watch. The models in <paramref name="named"/> are loaded already, and stay when their folder goes.
    /// </summary>
    public static ModelWatcher Start(ModelLoader loader, IEnumerable<string> named, TimeProvider clock) =>
        new(loader, named, clock);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => polls.DisposeAsync();

    private async Task PollAsync(CancellationToken cancel)
    {
        try
        {
            await LoadChangedAsync(cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder is being changed; the next poll sees the result.
        }
    }

    private async Task LoadChangedAsync(CancellationToken cancel)
    {
        var present = CatalogFolders.Ids(loader.Directory);
        foreach (var id in present)
        {
            var state = Fingerprint(id);
            var isStable = seen.TryGetValue(id, out var before) && before == state;
            seen[id] = state;
            if (isStable && loaded.GetValueOrDefault(id) != state && CatalogFolders.IsComplete(id, loader.Directory))
            {
                loaded[id] = state;
                await LoadAsync(id, cancel);
            }
        }

        foreach (var id in loaded.Keys.Except(present).Except(named).ToList())
        {
            loaded.Remove(id);
            seen.Remove(id);
            loader.Remove(id);
        }
    }

    private async Task LoadAsync(string id, CancellationToken cancel)
    {
        try
        {
            if (await loader.LoadAsync(id, fetches: false, cancel) is { } reason)
            {
                loader.Log(id, reason);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // An invalid folder must not affect the models in service or the folders after it.
            loader.Log(id, loader.Fail(id, $"{e.GetType().Name}: {e.Message}"));
        }
    }

    /// <summary>
    /// Returns names, lengths and times of a model's files, and of the class trees, one of which it may name.
    /// </summary>
    private string Fingerprint(string id)
    {
        var folder = new DirectoryInfo(ModelCatalog.Folder(loader.Directory, id));
        try
        {
            return string.Join('\n', folder.EnumerateFiles("*", SearchOption.AllDirectories)
                .Concat(ModelCatalog.Trees(loader.Directory))
                .Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}")
                .Order(StringComparer.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is being changed.
            return "";
        }
    }
}
