using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Launch;

/// <summary>A node's process. Its output goes to a log file, its errors to this terminal.</summary>
internal sealed partial class Node : IDisposable
{
    private const int SigTerm = 15;

    // The processes that a second signal kills.
    private static readonly ConcurrentDictionary<Process, byte> Running = new();

    private readonly Process process;
    private readonly Task logging;

    private Node(Process process, Stream log)
    {
        this.process = process;
        logging = CopyAsync(process.StandardOutput.BaseStream, log);
    }

    /// <summary>The start time, as <see cref="Environment.TickCount64"/>.</summary>
    public long Started { get; } = Environment.TickCount64;

    /// <summary>Whether the node has exited.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>The exit code after the node has exited; 128 + n if signal n ended it.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>
    /// Starts the program <paramref name="name"/> from the build output in the folder of the same name. Appends its
    /// output to <paramref name="log"/>.
    /// </summary>
    public static Node Start(string name, string log, params string[] arguments)
    {
        var program = OperatingSystem.IsWindows() ? $"{name}.exe" : name;
        var path = Path.GetFullPath(Path.Combine(name, "bin", "Release", "net10.0", program));
        var process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true })!;
        Running.TryAdd(process, 0);
        return new Node(process, new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
    }

    /// <summary>Kills every running node.</summary>
    public static void KillAll()
    {
        foreach (var process in Running.Keys)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Stops the node and kills it after <paramref name="grace"/>. Returns false if it was killed.</summary>
    public async Task<bool> StopAsync(TimeSpan grace)
    {
        // On Windows the console has sent Ctrl-C to all its processes. There is no other request to stop.
        if (!HasExited && !OperatingSystem.IsWindows())
        {
            _ = Kill(process.Id, SigTerm);
        }

        using var timeout = new CancellationTokenSource(grace);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Running.TryRemove(process, out _);
        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private static async Task CopyAsync(Stream output, Stream log)
    {
        await using (log)
        {
            var buffer = new byte[8192];
            // Flushed immediately, so that the log can be followed.
            for (int read; (read = await output.ReadAsync(buffer)) > 0; await log.FlushAsync())
            {
                await log.WriteAsync(buffer.AsMemory(0, read));
            }
        }
    }
}
