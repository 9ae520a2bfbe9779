namespace Launch;

/// <summary>Keeps one worker running: restarts it after it exits, with growing delays.</summary>
internal sealed class WorkerSupervisor(int port, string? models, string log) : IDisposable
{
    private const long StableMilliseconds = 60_000;
    private const int MaxDelaySeconds = 60;

    private Node? node;
    private int delaySeconds = 1;
    private long restartAt;

    /// <summary>Starts the worker for the first time, with an empty log.</summary>
    public void Start()
    {
        File.WriteAllText(log, "");
        Restart();
    }

    /// <summary>The exit code if the worker has exited and was not restarted, else null.</summary>
    public int? ExitCode => node is { HasExited: true } ended ? ended.ExitCode : null;

    /// <summary>Checks the worker once, and restarts it if due.</summary>
    public void Tend()
    {
        if (node is { HasExited: false } running)
        {
            // A worker that ran for a minute is stable, which resets the delay.
            delaySeconds = Environment.TickCount64 - running.Started < StableMilliseconds ? delaySeconds : 1;
        }
        else if (ExitCode is { } code)
        {
            Console.WriteLine(
                $"The worker on port {port} ended with exit code {code}; another one starts in {delaySeconds} s.");
            Forget();
            restartAt = Environment.TickCount64 + (delaySeconds * 1000L);
            delaySeconds = Math.Min(delaySeconds * 2, MaxDelaySeconds);
        }
        else if (Environment.TickCount64 >= restartAt)
        {
            Restart();
        }
    }

    /// <summary>Stops the worker. Returns false if it had to be killed.</summary>
    public async Task<bool> StopAsync(TimeSpan grace) => node is null || await node.StopAsync(grace);

    /// <inheritdoc/>
    public void Dispose() => Forget();

    private void Restart() => node = Node.Start(
        "Worker.Cs", log, ["127.0.0.1", $"{port}", .. models is null ? [] : (string[])["--model", models]]);

    private void Forget()
    {
        node?.Dispose();
        node = null;
    }
}
