using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Protocol.Core;
using Protocol.Core.Interop;

namespace Worker.Inference;

/// <summary>
/// The models in service. A new version takes over between two requests; the old one finishes its own. Thread-safe.
/// </summary>
internal sealed class ModelRegistry(string defaultModel, int executors) : IDisposable
{
    // The maximum number of models that a web node reads.
    private const int MaxListed = 256;
    private const int MaxError = 512;

    private readonly Lock gate = new();
    private volatile Snapshot current = Snapshot.Of([]);

    /// <summary>Changes with every change of the list.</summary>
    public string Revision => current.Revision;

    public string DefaultModel => defaultModel;

    /// <summary>The number of loaded models.</summary>
    public int Count => current.Entries.Values.Count(entry => entry.Model is not null);

    /// <summary>Leases a model, the default one for null; the caller releases it.</summary>
    public bool TryLease(ModelName? name, [NotNullWhen(true)] out LoadedModel? model)
    {
        while (true)
        {
            current.Entries.TryGetValue(name?.Id ?? defaultModel, out var entry);
            model = entry?.Model;
            if (model is null || name is { } wanted && !wanted.Includes(model.Id, model.Version))
            {
                model = null;
                return false;
            }

            // A version that was disposed meanwhile is no longer in the next snapshot.
            if (model.TryLease())
            {
                return true;
            }
        }
    }

    /// <summary>The loaded model with this id, its digest and the last error; nulls if there is none.</summary>
    public (string? Digest, string? Error) Find(string id) =>
        current.Entries.TryGetValue(id, out var entry) ? (entry.Model?.Digest, entry.Error) : (null, null);

    /// <summary>Puts a warmed-up version into service and retires the previous one.</summary>
    public void Publish(LoadedModel model) => Change(model.Id, _ => new Entry(model.Id, model, "", ModelState.Ready));

    /// <summary>Records that a model is being loaded.</summary>
    public void Begin(string id) =>
        Change(id, entry => entry is null ? new Entry(id, null, "", ModelState.Loading) : entry);

    /// <summary>Records why a model, or its next version, can't be loaded. A version in service stays.</summary>
    public void Fail(string id, string error) =>
        Change(id, entry => new Entry(
            id, entry?.Model, Line(error), entry?.Model is null ? ModelState.Failed : ModelState.Ready));

    /// <summary>Takes a model out of service.</summary>
    public void Remove(string id) => Change(id, _ => null);

    /// <summary>Describes the models; the one that <paramref name="labelled"/> names, with its labels.</summary>
    public ServedModels Describe(ModelName? labelled)
    {
        var snapshot = current;
        return new ServedModels(
            defaultModel,
            executors,
            snapshot.Revision,
            [
                .. snapshot.Entries.Values
                    .OrderBy(entry => entry.Model is null)
                    .ThenBy(entry => entry.Id, StringComparer.Ordinal)
                    .Take(MaxListed)
                    .Select(entry => entry.Describe(labelled)),
            ]);
    }

    /// <summary>The models' names for an error message.</summary>
    public string Names()
    {
        var loaded = current.Entries.Values.Where(entry => entry.Model is not null);
        return string.Join(", ", loaded.Select(entry => entry.Id).Order(StringComparer.Ordinal));
    }

    /// <summary>Retires all models.</summary>
    public void Dispose()
    {
        foreach (var id in current.Entries.Keys)
        {
            Remove(id);
        }
    }

    private static string Line(string text) =>
        text.ReplaceLineEndings(" ") is var line && line.Length > MaxError ? line[..MaxError] : line;

    private void Change(string id, Func<Entry?, Entry?> change)
    {
        LoadedModel? retired;
        lock (gate)
        {
            current.Entries.TryGetValue(id, out var before);
            var after = change(before);
            var entries = after is null ? current.Entries.Remove(id) : current.Entries.SetItem(id, after);
            retired = ReferenceEquals(before?.Model, after?.Model) ? null : before?.Model;
            current = Snapshot.Of(entries);
        }

        retired?.Release();
    }

    private sealed record Entry(string Id, LoadedModel? Model, string Error, ModelState State)
    {
        public ModelDescription Describe(ModelName? labelled) => Model is null
            ? ModelDescription.Unavailable(Id, State, Error)
            : Model.Describe(Error, labelled is { } name && name.Includes(Id, Model.Version));

        public string Text => $"{Id} {Model?.Version} {Model?.Digest} {State} {Error}";
    }

    private sealed record Snapshot(ImmutableDictionary<string, Entry> Entries, string Revision)
    {
        public static Snapshot Of(IEnumerable<KeyValuePair<string, Entry>> entries)
        {
            var all = entries.ToImmutableDictionary();
            var text = string.Join('\n', all.Values.Select(entry => entry.Text).Order(StringComparer.Ordinal));
            return new Snapshot(all, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8]);
        }
    }
}
