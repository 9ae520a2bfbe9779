using Load.Options;
using Load.Pictures;
using Load.Running;
using Load.Targets;

namespace Compare.Systems;

/// <summary>A system that the load generator in this process calls over a socket.</summary>
internal sealed record ServedSystem(char Letter, string Name, Uri Address) : ComparedSystem(Letter, Name), IDisposable
{
    private const int MoreWindows = 20;

    private readonly LoadOptions options = new(Address);
    private readonly Target target = Target.Of(new LoadOptions(Address));

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Nothing was answered.</exception>
    public override async Task<Window> MeasureAsync(Picture picture, int clients, TimeSpan before, TimeSpan span)
    {
        await using var run = LoadRun.Start(target, [picture], new Level.Clients(clients), options);
        var window = await run.WindowAsync(before, span);
        // On a loaded machine, a short window may contain no answer.
        for (var more = 0; window is { Answers: 0, Failed: 0 } && more < MoreWindows; more++)
        {
            window = await run.WindowAsync(TimeSpan.Zero, span);
        }

        return window.Answers > 0
            ? window
            : throw new InvalidOperationException($"{Name} answered nothing: {string.Join(", ", window.Errors.Keys)}");
    }

    /// <summary>Gets this many answers with this many clients, without figures.</summary>
    /// <exception cref="InvalidOperationException">A request was not answered.</exception>
    public Task AskAsync(IReadOnlyList<Picture> pictures, int clients, int each) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(async first =>
        {
            for (var next = first; next < first + each; next++)
            {
                if (await target.AskAsync(pictures[next % pictures.Count]) is { } error)
                {
                    throw new InvalidOperationException($"{Name}: {error}");
                }
            }
        }));

    public void Dispose() => target.Dispose();
}
