using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Scenarios.Nodes;

/// <summary>
/// A running program and its output. Disposing kills it and its children, and so does the end of this process.
/// </summary>
public sealed partial class NodeProcess : IDisposable
{
    private const int KeptLines = 100_000;
    private const int ShownLines = 20;

    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = new();
    private readonly ConcurrentQueue<string> errors = new();
    private bool isDisposed;

    private NodeProcess(string name, Process process)
    {
        (Name, this.process) = (name, process);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <summary>The name for messages.</summary>
    public string Name { get; }

    /// <summary>The process ID.</summary>
    public int Id => process.Id;

    /// <summary>The processor time of its threads since its start, including the kernel's.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => process.HasExited;

    /// <summary>Its standard output and error, the last hundred thousand lines.</summary>
    public string[] Lines => [.. lines];

    /// <summary>Its standard error, likewise.</summary>
    public string[] Errors => [.. errors];

    /// <summary><see cref="Lines"/> as one text.</summary>
    public string Text => string.Join('\n', lines);

    /// <summary>The last lines of its output.</summary>
    public string LastOutput => string.Join('\n', lines.TakeLast(ShownLines));

    /// <summary>
    /// Starts a program with the model's mirror in its environment; its name is taken from the command.
    /// </summary>
    public static NodeProcess Start(params IReadOnlyList<string> command) =>
        StartNamed(Path.GetFileName(command[0]), command);

    /// <summary>
    /// Starts a program with the model's mirror and <paramref name="variables"/> in its environment.
    /// </summary>
    public static NodeProcess StartNamed(
        string name, IReadOnlyList<string> command, IEnumerable<KeyValuePair<string, string>>? variables = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MODEL_MIRROR"] = Tree.ModelMirror;
        foreach (var (variable, value) in variables ?? [])
        {
            start.Environment[variable] = value;
        }

        var node = new NodeProcess(name, new Process { StartInfo = start });
        node.process.OutputDataReceived += (_, printed) => Keep(node.lines, printed.Data);
        node.process.ErrorDataReceived += (_, printed) =>
        {
            Keep(node.lines, printed.Data);
            Keep(node.errors, printed.Data);
        };
        node.process.Start();
        node.process.BeginOutputReadLine();
        node.process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Sends a signal; does nothing if the node has ended.</summary>
    public void Send(Signal signal)
    {
        if (!process.HasExited)
        {
            Send(process.Id, signal);
        }
    }

    /// <summary>Sends a signal to a process that another program started.</summary>
    public static void Send(int id, Signal signal) => _ = Kill(id, (int)signal);

    /// <summary>Waits until it ends by itself; returns its exit code.</summary>
    /// <exception cref="InvalidOperationException">It does not end in time.</exception>
    public async Task<int> EndedAsync(TimeSpan within)
    {
        using var late = new CancellationTokenSource(within);
        try
        {
            await process.WaitForExitAsync(late.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"{Name} runs on after {within.TotalSeconds} s:\n{LastOutput}");
        }
    }

    /// <summary>Polls every 25 ms until <paramref name="ready"/> returns true, for up to a minute.</summary>
    /// <exception cref="InvalidOperationException">It ended first, or it took longer.</exception>
    public Task UntilAsync(string what, Func<Task<bool>> ready) => UntilAsync(what, TimeSpan.FromMinutes(1), ready);

    /// <summary>Polls every 25 ms until <paramref name="ready"/> returns true.</summary>
    /// <exception cref="InvalidOperationException">It ended first, or it took longer.</exception>
    public async Task UntilAsync(string what, TimeSpan within, Func<Task<bool>> ready)
    {
        var clock = Stopwatch.StartNew();
        while (!await ready())
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException(
                    $"{Name} ended with {process.ExitCode} before it was {what}:\n{LastOutput}");
            }

            if (clock.Elapsed > within)
            {
                throw new InvalidOperationException(
                    $"{Name} was not {what} within {within.TotalSeconds} s:\n{LastOutput}");
            }

            await Task.Delay(25);
        }
    }

    /// <summary>Waits up to ten seconds for a line with all of these words; returns null if there is none.</summary>
    public async Task<string?> FindLineAsync(params string[] words)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(10); await Task.Delay(25))
        {
            var found = lines.FirstOrDefault(line => words.All(word => line.Contains(word, StringComparison.Ordinal)));
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    /// <inheritdoc cref="Nodes.Footprint.Of"/>
    public Footprint Footprint() => Nodes.Footprint.Of(process.Id);

    /// <inheritdoc cref="Nodes.Footprint.ForgetPeak"/>
    public void ForgetPeak() => Nodes.Footprint.ForgetPeak(process.Id);

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

    private void OnExit(object? sender, EventArgs e) => process.Kill(entireProcessTree: true);

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            lines.Enqueue(line);
            while (lines.Count > KeptLines)
            {
                lines.TryDequeue(out _);
            }
        }
    }
}
