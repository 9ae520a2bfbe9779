using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Launch;

/// <summary>A node's process. Its output goes to a log file, its errors to this terminal.</summary>
internal sealed partial class Node : IDisposable
{
    private const int SigTerm = 15;

    // Those that a second signal kills.
    private static readonly ConcurrentDictionary<Process, byte> Running = new();

    private readonly Process process;
    private readonly Task logging;

    private Node(Process process, Stream log)
    {
        this.process = process;
        logging = CopyAsync(process.StandardOutput.BaseStream, log);
    }

    /// <summary>When it started, as <see cref="Environment.TickCount64"/>.</summary>
    public long Started { get; } = Environment.TickCount64;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>Its exit code, once it has ended; 128 + n where signal n ended it.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>
    /// Starts the program <paramref name="name"/> that was built in its folder of the same name; its output is appended to
    /// <paramref name="log"/>.
    /// </summary>
    public static Node Start(string name, string log, params string[] arguments)
    {
        var file = Path.Combine(name, "bin", "Release", "net10.0", OperatingSystem.IsWindows() ? $"{name}.exe" : name);
        var process = Process.Start(new ProcessStartInfo(Path.GetFullPath(file), arguments) { RedirectStandardOutput = true })!;
        Running.TryAdd(process, 0);
        return new Node(process, new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
    }

    /// <summary>Kills every node that still runs.</summary>
    public static void KillAll()
    {
        foreach (var process in Running.Keys)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Asks the node to stop and waits for it; kills it after <paramref name="grace"/>. False when it had to.</summary>
    public async Task<bool> StopAsync(TimeSpan grace)
    {
        // On Windows the console has sent Ctrl-C to every process in it, and nothing else asks a program to stop.
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
            // Flushed at once: somebody may be watching the file.
            for (int read; (read = await output.ReadAsync(buffer)) > 0; await log.FlushAsync())
            {
                await log.WriteAsync(buffer.AsMemory(0, read));
            }
        }
    }
}
