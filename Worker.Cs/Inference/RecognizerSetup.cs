using Worker.Models;

namespace Worker.Inference;

/// <summary>Creates a recogniser from a model's name.</summary>
public static class RecognizerSetup
{
    /// <summary>
    /// Finds the manifest, gets the files (from the public address only if no folder has them), loads and warms up.
    /// </summary>
    public static async Task<Outcome<Recognizer>> CreateAsync(
        string model, ModelPaths places, RecognizerOptions options, ILogger logger, CancellationToken cancel = default)
    {
        if (!ModelCatalog.Find(model, places.Directory).Try(out var manifest, out var reason))
        {
            return new Outcome<Recognizer>.Failed(reason);
        }

        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var progress = new ConsoleProgress();
        var store = new ModelStore(places, http, DownloadPolicy.Standard, TimeProvider.System, progress, logger);
        var got = await store.GetAsync(manifest, cancel);
        if (!got.Try(out var files, out reason))
        {
            return new Outcome<Recognizer>.Failed(reason);
        }

        ModelLog.Found(logger, manifest.Id, files.Network, files.Labels);
        return Network.Load(files, logger).Try(out var network, out reason)
            ? new Outcome<Recognizer>.Ok(Recognizer.Create(network, options))
            : new Outcome<Recognizer>.Failed(reason);
    }
}
