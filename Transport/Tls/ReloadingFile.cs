using System.Diagnostics.CodeAnalysis;

namespace Transport.Tls;

/// <summary>Makes a value of files' contents, in their order; null, and why, where they are not what they should be.</summary>
/// <typeparam name="T">The value.</typeparam>
/// <param name="files">Each one's bytes.</param>
/// <param name="reason">One line without a full stop; null exactly when there is a value.</param>
internal delegate T? Make<out T>(IReadOnlyList<byte[]> files, out string? reason)
    where T : class;

/// <summary>What became of files that changed while they were in use.</summary>
/// <param name="Path">The first of them.</param>
/// <param name="Error">Null: they are in use from now on. Else why the ones before them still are.</param>
public sealed record ReloadResult(string Path, string? Error);

/// <summary>
/// A value made of files, and made again when they change, since certificates are renewed while nodes run. The files
/// are read again when someone asks, at most once a second: whoever replaces them need not tell anyone, however they
/// are replaced (in place, by renaming, by a link that leads elsewhere). Safe for use by many threads at once.
/// </summary>
/// <typeparam name="T">The value.</typeparam>
internal sealed class ReloadingFile<T>
    where T : class
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(1);

    private readonly string[] paths;
    private readonly Make<T> make;
    private readonly TimeProvider clock;
    private readonly Lock reading = new();
    private IReadOnlyList<byte[]> seen;
    private T current;
    private long lastRead;

    private ReloadingFile(string[] paths, Make<T> make, TimeProvider clock, IReadOnlyList<byte[]> files, T first)
    {
        this.paths = paths;
        this.make = make;
        this.clock = clock;
        seen = files;
        current = first;
        lastRead = clock.GetTimestamp();
    }

    /// <summary>The files have changed; raised once for each change, on the thread that asked.</summary>
    public event Action<ReloadResult>? Renewed;

    /// <summary>Of the files as they are, or as they were last when they could be used.</summary>
    public T Current
    {
        get
        {
            // Others do with what there is while one reads.
            if (reading.TryEnter())
            {
                try
                {
                    ReadAgain();
                }
                finally
                {
                    reading.Exit();
                }
            }

            return Volatile.Read(ref current);
        }
    }

    /// <summary>The value of the files as they are now, or null and why there is none.</summary>
    public static ReloadingFile<T>? TryOpen(
        string[] paths, Make<T> make, TimeProvider clock, [NotNullWhen(false)] out string? reason)
    {
        var files = Read(paths, out reason);
        if (files is null || make(files, out reason) is not { } first)
        {
            reason = $"{paths[0]}: {reason}";
            return null;
        }

        reason = null;
        return new ReloadingFile<T>(paths, make, clock, files, first);
    }

    private static byte[][]? Read(string[] paths, out string? reason)
    {
        try
        {
            reason = null;
            return [.. paths.Select(File.ReadAllBytes)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            reason = e.Message;
            return null;
        }
    }

    private void ReadAgain()
    {
        if (clock.GetElapsedTime(lastRead) < Often)
        {
            return;
        }

        lastRead = clock.GetTimestamp();
        var files = Read(paths, out var flaw) ?? [];
        if (files.Length == seen.Count && files.Zip(seen).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)))
        {
            return;
        }

        seen = files;
        if (files.Length > 0 && make(files, out flaw) is { } next)
        {
            Volatile.Write(ref current, next);
        }

        Renewed?.Invoke(new ReloadResult(paths[0], flaw));
    }
}
