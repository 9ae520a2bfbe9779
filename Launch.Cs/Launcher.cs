using System.Net;

namespace Launch;

/// <summary>Builds and starts the nodes, restarts workers that exit, and finally stops all nodes.</summary>
internal sealed class Launcher(LaunchOptions options) : IDisposable
{
    private const int Failure = 1;
    private const string Logs = "artifacts/logs";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly string list = $"artifacts/workers-{options.Port}.json";
    private readonly string webLog = $"{Logs}/web-{options.Port}.log";
    private readonly List<WorkerSupervisor> workers = [];
    private readonly int grpcPort = options.GrpcPort
        ?? (options.Uses(LaunchOptions.DefaultGrpcPort) || Ports.IsTaken(LaunchOptions.DefaultGrpcPort)
            ? 0
            : LaunchOptions.DefaultGrpcPort);

    private readonly HttpClient http = new()
    {
        BaseAddress = new Uri($"http://127.0.0.1:{options.Port}"),
        Timeout = TimeSpan.FromSeconds(10),
        DefaultRequestHeaders = { Host = $"localhost:{options.Port}" },
    };

    private Node? web;

    /// <summary>Runs the service until <paramref name="stop"/> is cancelled (success) or the web node exits.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        try
        {
            return await ServeAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.WriteLine("Stopping ...");
            return 0;
        }
        finally
        {
            await StopAllAsync();
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        web?.Dispose();
        workers.ForEach(worker => worker.Dispose());
        http.Dispose();
    }

    private async Task<int> ServeAsync(CancellationToken stop)
    {
        if (TakenPort() is { } taken)
        {
            return Fail(taken);
        }

        Directory.CreateDirectory(Logs);
        const string building = "Building (the first time takes a few minutes)";
        if (!await Builder.RunAsync("Restoring tools", "tool restore", stop)
            || !await Builder.RunAsync(building, Build("Worker.Cs/Worker.Cs.csproj"), stop)
            || !await Builder.RunAsync("Building the page", Build("Web.Giraffe/Web.Giraffe.fsproj"), stop))
        {
            return Failure;
        }

        Console.WriteLine("Starting ...");
        for (var port = options.WorkerPort; port <= options.LastWorkerPort; port++)
        {
            // One at a time: the first may have to download the model.
            if (await StartWorkerAsync(port, stop) is { } failed)
            {
                return failed;
            }
        }

        if (await StartWebAsync(stop) is { } code)
        {
            return code;
        }

        var workersAt = options.Workers == 1
            ? $"1 worker at 127.0.0.1:{options.WorkerPort}"
            : $"{options.Workers} workers at 127.0.0.1:{options.WorkerPort} to {options.LastWorkerPort}";
        Console.WriteLine($"The page is at http://localhost:{options.Port}, {workersAt}, logs are in {Logs}/.");
        Console.WriteLine(
            grpcPort > 0 ? $"gRPC is at localhost:{grpcPort}."
            : options.GrpcPort is not null ? "gRPC is off."
            : $"gRPC is off: port {LaunchOptions.DefaultGrpcPort} is taken. Choose another one with --grpc-port.");
        Console.WriteLine("Ctrl-C stops all.");
        while (!web!.HasExited)
        {
            workers.ForEach(worker => worker.Tend());
            await Task.Delay(TimeSpan.FromSeconds(1), stop);
        }

        return Fail($"The web node ended with exit code {web.ExitCode}: see {webLog}.");
    }

    private string? TakenPort()
    {
        if (Ports.IsTaken(options.Port))
        {
            return $"Port {options.Port} is taken by another program: choose the page's with --port.";
        }

        if (options.GrpcPort is > 0 and var grpc && Ports.IsTaken(grpc))
        {
            return $"Port {grpc} is taken by another program: choose gRPC's with --grpc-port, or 0 for none.";
        }

        var taken = Enumerable.Range(options.WorkerPort, options.Workers).FirstOrDefault(Ports.IsTaken);
        return taken == 0
            ? null
            : $"Port {taken} is taken by another program: choose the first worker's with --worker-port.";
    }

    /// <summary>Starts a worker and waits until it listens. Returns the exit code if it exits instead.</summary>
    private async Task<int?> StartWorkerAsync(int port, CancellationToken stop)
    {
        var worker = new WorkerSupervisor(port, options.Models, $"{Logs}/worker-{port}.log");
        workers.Add(worker);
        worker.Start();
        while (!Ports.IsTaken(port))
        {
            if (worker.ExitCode is { } code)
            {
                if (code > 2)
                {
                    Console.Error.WriteLine($"The worker on port {port} ended with exit code {code}.");
                }

                return code > 0 ? code : Failure;
            }

            await Task.Delay(Poll, stop);
        }

        return null;
    }

    /// <summary>Starts the web node and waits until it answers. Returns the exit code if it does not.</summary>
    private async Task<int?> StartWebAsync(CancellationToken stop)
    {
        File.WriteAllText(webLog, "");
        // For local use: the page listens on loopback, and clients on loopback may administer without a token.
        web = Node.Start(
            "Web.Giraffe",
            webLog,
            [
                "--port", $"{options.Port}", "--Http:Address=localhost", $"--Http:GrpcPort={grpcPort}",
                "--Admin:TrustLoopback=true", $"--Registry:Path={list}",
                .. Enumerable.Range(options.WorkerPort, options.Workers)
                    .SelectMany(port => new[] { "--worker", $"127.0.0.1:{port}" }),
            ]);
        if (!await AnswersAsync("/health/live", TimeSpan.FromSeconds(60), stop))
        {
            return web.HasExited
                ? Math.Max(web.ExitCode, Failure)
                : Fail($"The web node does not answer: see {webLog}.");
        }

        if (!await AnswersAsync("/v2/health/ready", TimeSpan.FromSeconds(10), stop))
        {
            Console.WriteLine(
                $"No worker is active: removed workers stay removed until they are added again or {list} is deleted.");
        }

        return null;
    }

    /// <summary>Waits until the web node returns 200 for <paramref name="path"/>; false on timeout or exit.</summary>
    private async Task<bool> AnswersAsync(string path, TimeSpan within, CancellationToken stop)
    {
        for (var deadline = Environment.TickCount64 + within.TotalMilliseconds;
            Environment.TickCount64 < deadline && web is { HasExited: false };)
        {
            try
            {
                using var answer = await http.GetAsync(path, stop);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                // The web node does not listen yet.
            }

            await Task.Delay(Poll, stop);
        }

        return false;
    }

    /// <summary>Stops the web node first, because its in-flight requests need the workers.</summary>
    private async Task StopAllAsync()
    {
        if (web is not null && !await web.StopAsync(Grace))
        {
            Console.WriteLine("The web node did not stop in time and was killed.");
        }

        var stopped = await Task.WhenAll(workers.Select(worker => worker.StopAsync(Grace)));
        if (stopped.Contains(false))
        {
            Console.WriteLine("A worker did not stop in time and was killed.");
        }
    }

    private static string Build(string project) => $"build -c Release -nologo {project}";

    private static int Fail(string problem)
    {
        Console.Error.WriteLine(problem);
        return Failure;
    }
}
