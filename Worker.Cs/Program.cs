using System.Diagnostics;
using Node.Hosting.Logging;
using Node.Hosting.Settings;
using Worker;
using Worker.Announce;
using Worker.Inference;
using Worker.Settings;
using Worker.Sockets;
using Worker.Telemetry;

var commandLine = new NodeCommandLine(
    "Classifies pictures for a web node, over the D/A/N protocol.",
    WorkerOptions.All,
    setting => [WorkerOptions.Option(setting.Key)]);
return await commandLine.InvokeAsync(args, RunAsync);

static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> given)
{
    if (!WorkerSettings.Configure(given).Try(out var configuration, out var reason)
        || !WorkerSettings.Read(configuration).Try(out var settings, out reason)
        || !WorkerServer.Resolve(settings.Host).Try(out var address, out reason))
    {
        return Fail(reason, WorkerExitCode.Usage);
    }

    using var logging = LoggerFactory.Create(builder => WorkerServer.ConfigureLogging(builder, configuration));
    var logger = logging.CreateLogger("Worker");
    BuildLog.Log(logger, "recognition-worker");
    WorkerTls? tls = null;
    if (settings.Tls is { } files
        && !WorkerTls.Load(files, settings.Exchange.Silence, TimeProvider.System, logger).Try(out tls, out reason))
    {
        return Fail(reason, WorkerExitCode.Usage);
    }

    var preload = Preload.Start();
    var made = await RecognizerSetup.CreateAsync(
        settings.Model, settings.ModelPaths, settings.Recognizer, logger, settings.MaxModels, settings.Device);
    // Even if the model can't be loaded: the process must not end while a library initializes itself.
    await preload.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    if (!made.Try(out var recognizer, out reason))
    {
        return Fail(reason, WorkerExitCode.Failure);
    }

    // Disposed last: native code ignores cancellation, whether it runs an image or loads a model.
    ExecutorWatchdog? guard = null;
    using var late = new Timer(_ =>
        ProcessExit.Now(guard is { HasFired: true } ? WorkerExitCode.ExecutorOverrun : WorkerExitCode.Success));
    using (recognizer)
    {
        using var traces = Exports.Traces();
        await using var server = WorkerServer.Build(settings, address, recognizer, logging, tls);
        server.Lifetime.ApplicationStopping.Register(() => late.Change(settings.Drain, Timeout.InfiniteTimeSpan));
        await using var readiness = new Readiness(recognizer, server.Lifetime.ApplicationStopping);
        await Warmup.RunAsync(recognizer, settings.Exchange);
        if (await WorkerServer.StartAsync(server, settings) is { } refusal)
        {
            return Fail(refusal, WorkerExitCode.Failure);
        }

        Announcer? announcer = null;
        var state = new MonitoredWorker(
            recognizer,
            () => readiness.IsReady,
            settings.Announce is null ? null : () => announcer is { IsUp: true },
            tls);
        var (telemetry, taken) = await TelemetryServer.StartAsync(settings, address, state, readiness, logging);
        if (taken is not null)
        {
            return Fail(taken, WorkerExitCode.Failure);
        }

        await using var observed = telemetry;
        readiness.Start();
        var loader = new ModelLoader(recognizer, settings.ModelPaths, settings.MaxModels, logger, settings.Device);
        await using var models = ModelWatcher.Start(loader, RecognizerSetup.Ids(settings.Model), TimeProvider.System);
        announcer = Announcer.Start(settings, WorkerServer.EndPoint(server), readiness, logger);
        await using var announcing = announcer;
        // Leave immediately, before the in-flight exchanges end, so that no new ones arrive.
        server.Lifetime.ApplicationStopping.Register(() => _ = announcer?.LeaveAsync());
        server.Lifetime.ApplicationStopping.Register(() => SocketLog.Stopping(logger));
        await using var watchdog = new ExecutorWatchdog(
            () => recognizer.LongestRun,
            settings.Recognizer.MaxRun,
            TimeProvider.System,
            run =>
            {
                SocketLog.ExecutorOverrun(logger, run.TotalSeconds, settings.Recognizer.MaxRun.TotalSeconds);
                server.Lifetime.StopApplication();
            });
        guard = watchdog;
        SocketLog.Ready(logger, WorkerServer.Address(server), settings.Model, settings.Recognizer.Executors, Age());
        await server.WaitForShutdownAsync();
        if (watchdog.HasFired)
        {
            logging.Dispose();
            ProcessExit.Now(WorkerExitCode.ExecutorOverrun);
        }
    }

    return WorkerExitCode.Success;
}

static int Fail(string reason, int code)
{
    Console.Error.WriteLine(reason);
    return code;
}

static long Age()
{
    using var self = Process.GetCurrentProcess();
    return (long)(DateTime.Now - self.StartTime).TotalMilliseconds;
}

internal static class WorkerExitCode
{
    public const int Success = 0;

    /// <summary>The worker can't start on this machine: no model or no port.</summary>
    public const int Failure = 1;

    /// <summary>The configuration is invalid.</summary>
    public const int Usage = 2;

    /// <summary>An executor did not return (<c>EX_SOFTWARE</c> of sysexits.h); a supervisor restarts it.</summary>
    public const int ExecutorOverrun = 70;
}
