using Load.Options;
using Load.Pictures;

namespace Load.Targets;

/// <summary>The target of a measurement. Thread-safe.</summary>
public abstract class Target : IDisposable
{
    /// <summary>The kind of error of a request that timed out.</summary>
    public const string TimedOut = "timed out";

    /// <summary>The address in readable form.</summary>
    public abstract string Name { get; }

    /// <summary>Creates the target of <paramref name="options"/>.</summary>
    public static Target Of(LoadOptions options) => options.Target.Scheme == "dan"
        ? new WorkerTarget(options.Target, options.Exchange, options.Timeout)
        : options.Target.Scheme == "grpc" ? new GrpcTarget(options.Target, options.Timeout)
        : new HttpTarget(options.Target, options.Timeout);

    /// <summary>Sends one request; returns null if it is answered, else a short name for the kind of error.</summary>
    public abstract Task<string?> AskAsync(Picture picture);

    /// <summary>Sends one request, to check that the target answers.</summary>
    /// <exception cref="LoadException">The target does not answer.</exception>
    public async Task CheckAsync(Picture picture)
    {
        if (await AskAsync(picture) is { } error)
        {
            throw new LoadException(
                $"{Name} did not answer the first picture ({picture.Name}): {error}. {Advice(error)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns the remedy for the error of a first request.</summary>
    protected abstract string Advice(string kind);

    /// <summary>Closes all connections.</summary>
    protected abstract void Dispose(bool disposing);
}
