using Worker.Models;

namespace Worker.Inference;

/// <summary>Creates a recognizer from models' names.</summary>
public static class RecognizerSetup
{
    /// <summary>The default limit on the number of models.</summary>
    public const int MaxModels = 16;

    /// <summary>
    /// Loads and warms up the models with these comma-separated names; the first is the default. Their files come from
    /// the public address only if no folder has them. Fails with the reason for the first that can't be loaded.
    /// </summary>
    public static async Task<Outcome<Recognizer>> CreateAsync(
        string models,
        ModelPaths paths,
        RecognizerOptions options,
        ILogger logger,
        int maxModels = MaxModels,
        ExecutionDevice device = ExecutionDevice.Cpu,
        CancellationToken cancel = default)
    {
        var ids = Ids(models);
        var recognizer = Recognizer.Create(ids[0], options);
        var loader = new ModelLoader(recognizer, paths, maxModels, logger, device);
        foreach (var id in ids)
        {
            if (await loader.LoadAsync(id, fetches: true, cancel) is { } reason)
            {
                recognizer.Dispose();
                return new Outcome<Recognizer>.Failed(reason);
            }
        }

        return new Outcome<Recognizer>.Ok(recognizer);
    }

    /// <summary>Splits a list of models' names.</summary>
    public static string[] Ids(string models) => models.Split(',', StringSplitOptions.TrimEntries);
}
