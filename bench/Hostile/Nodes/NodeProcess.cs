using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hostile.Nodes;

/// <summary>One running program and what it prints. Disposing kills it and its children.</summary>
public sealed partial class NodeProcess : IDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = new();

    private bool isDisposed;

    private NodeProcess(Process process)
    {
        this.process = process;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <summary>The process's number.</summary>
    public int Id => process.Id;

    /// <summary>Whether it runs no more.</summary>
    public bool HasEnded => process.HasExited;

    /// <summary>All that it has printed.</summary>
    public IReadOnlyCollection<string> Lines => lines;

    /// <summary>Starts a program, with the model's mirror in its environment.</summary>
    public static NodeProcess Start(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MODEL_MIRROR"] = Tree.ModelMirror;
        var node = new NodeProcess(new Process { StartInfo = start });
        node.process.OutputDataReceived += node.Keep;
        node.process.ErrorDataReceived += node.Keep;
        node.process.Start();
        node.process.BeginOutputReadLine();
        node.process.BeginErrorReadLine();
        return node;
    }

    /// <summary>A port on loopback that nobody listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ends a process as an invalid access in native code does.</summary>
    public static void Crash(int id) => _ = Kill(id, 11);

    /// <summary>Ends it as an invalid access in native code does.</summary>
    public void Crash() => Crash(Id);

    /// <summary>Asks every 25 ms until <paramref name="ready"/> says yes.</summary>
    /// <exception cref="InvalidOperationException">It ended before that, or it takes longer than two minutes.</exception>
    public async Task UntilAsync(string what, Func<Task<bool>> ready)
    {
        var clock = Stopwatch.StartNew();
        while (!await ready())
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromMinutes(2))
            {
                throw new InvalidOperationException($"{process.StartInfo.FileName} was not {what}:\n{string.Join('\n', lines.TakeLast(20))}");
            }

            await Task.Delay(25);
        }
    }

    /// <summary>Waits up to ten seconds for a line with all of these words; null where none comes.</summary>
    public async Task<string?> SaysAsync(params string[] words)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(10); await Task.Delay(25))
        {
            if (lines.FirstOrDefault(line => words.All(word => line.Contains(word, StringComparison.Ordinal))) is { } said)
            {
                return said;
            }
        }

        return null;
    }

    /// <summary>Bytes of memory that it has now.</summary>
    public long Resident() => Status("VmRSS");

    /// <summary>The most bytes that it had at one time since <see cref="ForgetPeak"/>.</summary>
    public long Peak() => Status("VmHWM");

    /// <summary>Begins the measure of <see cref="Peak"/> anew.</summary>
    public void ForgetPeak() => File.WriteAllText($"/proc/{Id}/clear_refs", "5");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isDisposed)
        {
            return;
        }

        isDisposed = true;
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private long Status(string name)
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1].Trim().Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
    }

    private void OnExit(object? sender, EventArgs e) => process.Kill(entireProcessTree: true);

    private void Keep(object sender, DataReceivedEventArgs printed)
    {
        if (!string.IsNullOrEmpty(printed.Data))
        {
            lines.Enqueue(printed.Data);
        }
    }
}
