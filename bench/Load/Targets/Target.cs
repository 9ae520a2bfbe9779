using Load.Options;
using Load.Pictures;

namespace Load.Targets;

/// <summary>What is measured. For use by any number of clients at once.</summary>
public abstract class Target : IDisposable
{
    /// <summary>The kind of a request that ran out of time.</summary>
    public const string TimedOut = "timed out";

    /// <summary>As a person would write it.</summary>
    public abstract string Name { get; }

    /// <summary>What <paramref name="options"/> name.</summary>
    public static Target Of(LoadOptions options) => options.Target.Scheme == "dan"
        ? new DanTarget(options.Target, options.Exchange, options.Timeout)
        : new HttpTarget(options.Target, options.Timeout);

    /// <summary>
    /// Asks once: null when it is answered, else of which kind the error is, as few words as tell it from others.
    /// </summary>
    public abstract Task<string?> AskAsync(Picture picture);

    /// <summary>Asks once, to see that there is something to measure.</summary>
    /// <exception cref="LoadException">There is not.</exception>
    public async Task CheckAsync(Picture picture)
    {
        if (await AskAsync(picture) is { } error)
        {
            throw new LoadException($"{Name} did not answer the first picture ({picture.Name}): {error}. {Advice(error)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>What to do about the error of a first request.</summary>
    protected abstract string Advice(string kind);

    /// <summary>Ends all connections.</summary>
    protected abstract void Dispose(bool disposing);
}
