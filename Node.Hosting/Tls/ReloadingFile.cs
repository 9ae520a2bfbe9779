using System.Diagnostics.CodeAnalysis;

namespace Node.Hosting.Tls;

/// <summary>Creates a value from files' contents, in order. Returns null and the reason if they are invalid.</summary>
/// <typeparam name="T">The value.</typeparam>
/// <param name="files">The bytes of each file.</param>
/// <param name="reason">One line without a full stop; null exactly when there is a value.</param>
internal delegate T? Make<out T>(IReadOnlyList<byte[]> files, out string? reason)
    where T : class;

/// <summary>The result of reloading files that changed while in use.</summary>
/// <param name="Path">The path of the first file.</param>
/// <param name="Error">Null if the new files are in use now; otherwise why the old ones still are.</param>
public sealed record ReloadResult(string Path, string? Error);

/// <summary>
/// A value created from files, and created again when they change, since certificates are renewed while nodes run. The
/// files are read again on access, at most once a second. They can be replaced without notification and in any way (in
/// place, by renaming, by changing a link). Thread-safe.
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

    /// <summary>Raised once for each change of the files, on the thread that accesses the value.</summary>
    public event Action<ReloadResult>? Renewed;

    /// <summary>The value of the current files, or of the last valid ones.</summary>
    public T Current
    {
        get
        {
            // While one thread reads, the others use the current value.
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

    /// <summary>Creates the value from the current files. Returns null and the reason on failure.</summary>
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
        var files = Read(paths, out var error) ?? [];
        if (files.Length == seen.Count && files.Zip(seen).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)))
        {
            return;
        }

        seen = files;
        if (files.Length > 0 && make(files, out error) is { } next)
        {
            Volatile.Write(ref current, next);
        }

        Renewed?.Invoke(new ReloadResult(paths[0], error));
    }
}
