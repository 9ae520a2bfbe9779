using Bench.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Worker.Inference;
using Worker.Models;

namespace Compare.Systems;

/// <summary>The model's files, as a worker finds them.</summary>
internal static class ModelFolder
{
    private const string Model = "squeezenet1_1";

    /// <exception cref="InvalidOperationException">The files are missing.</exception>
    public static async Task<ModelFiles> FindAsync()
    {
        using var http = new HttpClient();
        var places = new ModelPaths(ModelCatalog.DefaultDirectory(), [.. Tree.ModelMirror.Split(Path.PathSeparator)], Offline: true);
        var store = new ModelStore(
            places, http, DownloadPolicy.Standard, TimeProvider.System, new ConsoleProgress(), NullLogger.Instance);
        return Value(await store.GetAsync(Value(ModelCatalog.Find(Model, places.Directory)), CancellationToken.None));
    }

    /// <exception cref="InvalidOperationException">The files can't be loaded.</exception>
    public static Network Load(ModelFiles files) => Value(Network.Load(files, NullLogger.Instance));

    private static T Value<T>(Worker.Outcome<T> outcome)
        where T : notnull =>
        outcome.Try(out var value, out var reason) ? value : throw new InvalidOperationException(reason);
}
