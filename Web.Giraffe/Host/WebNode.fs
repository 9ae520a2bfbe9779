namespace Web.Giraffe

open System
open System.Collections.Generic
open System.IO
open System.Text.Json.Serialization
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Connections
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets
open Microsoft.Extensions.Configuration
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.DependencyInjection.Extensions
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging
open Node.Hosting
open Node.Hosting.Logging
open Web.Giraffe.Api
open Web.Giraffe.Handlers

/// Builds and runs the web node.
[<RequireQualifiedAccess>]
module WebNode =
    /// Registers the services and builds the app.
    let private compose (builder: WebApplicationBuilder) (all: NodeSettings) admin =
        let settings, api, telemetry = all.Web, all.Api, all.Telemetry
        let grpc = KestrelSetup.grpcPort settings telemetry

        builder.WebHost.ConfigureKestrel(KestrelSetup.configure settings telemetry grpc)
        |> ignore

        Telemetry.add builder.Configuration builder.Services
        builder.Services.TryAddSingleton TimeProvider.System

        builder.Services
            .AddRouting()
            .AddProblemDetails()
            .AddCors()
            .ConfigureHttpJsonOptions(fun options ->
                options.SerializerOptions.Encoder <- ReadableJsonEncoder()
                // Numbers are JSON numbers, as the OpenAPI document states.
                options.SerializerOptions.NumberHandling <- JsonNumberHandling.Strict)
            .AddSingleton<IMemoryPoolFactory<byte>, ReceiveBlocks>()
            .AddSingleton(Drain settings.DrainDelay)
            .AddHostedService(fun services -> services.GetRequiredService<Drain>())
            // The receive buffer of a connection, which no budget counts; the default is 1 MiB.
            .Configure(fun (options: SocketTransportOptions) -> options.MaxReadBufferSize <- Nullable 131_072L)
            .Configure(fun (options: HostOptions) -> options.ShutdownTimeout <- TimeSpan.FromSeconds 15.0)
        |> ignore

        if settings.CacheBytes > 0L then
            builder.Services
                // The cache counts an entry's bytes; its key and bookkeeping take about as much as a short answer.
                .AddMemoryCache(fun options -> options.SizeLimit <- Nullable(max 1L (settings.CacheBytes / 2L)))
                .AddHybridCache()
            |> ignore

        Document.add builder.Services
        builder.Services.AddSingleton<CachedDocument>() |> ignore
        Compression.add builder.Services
        GrpcEndpoints.add settings builder.Services

        // The host would log a failed start with a long stack trace; `run` prints one line.
        let started = ref false

        let hasStarted level =
            started.Value && level >= LogLevel.Information

        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", hasStarted)
        |> ignore

        let app = builder.Build()
        BuildLog.Log(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger "Web.Giraffe", "recognition-web")

        app.Lifetime.ApplicationStarted.Register(fun () -> started.Value <- true)
        |> ignore

        let drain = app.Services.GetRequiredService<Drain>()
        app.Lifetime.ApplicationStopping.Register(fun () -> drain.Start()) |> ignore
        let services = AppServicesSetup.create app settings admin api

        if grpc.IsNone && settings.GrpcPort.IsNone then
            HttpLog.grpcOff services.Logger KestrelSetup.DefaultGrpcPort

        Pipeline.configure app telemetry grpc services
        app

    // The command line's values come last, over the environment and appsettings.json.
    let private createBuilder (values: IReadOnlyDictionary<string, string | null>) =
        try
            let builder =
                WebApplication.CreateBuilder(
                    WebApplicationOptions(ContentRootPath = AppContext.BaseDirectory, WebRootPath = "wwwroot")
                )

            builder.Configuration.AddInMemoryCollection values |> ignore
            builder.Configuration.AddLoggingDefaults "Microsoft.AspNetCore"
            builder.Logging.EscapeConsole().TrimJsonTimestamps() |> ignore
            Ok builder
        with error when Settings.ConfigurationFile.IsInvalid error ->
            Error [ Settings.ConfigurationFile.Describe error ]

    /// Builds the node with the given settings, by path, or returns all configuration errors. `configure` registers
    /// `IRecognizer`, `IWorkerList` and `IWorkerProbe`.
    let build
        (values: IReadOnlyDictionary<string, string | null>)
        (configure: WorkersSettings -> WebApplicationBuilder -> unit)
        : Result<WebApplication, string list> =
        createBuilder values
        |> Result.bind (fun builder ->
            NodeSettings.read builder.Configuration
            |> Result.bind (fun settings ->
                // Last, and only with a valid configuration: it may write a file.
                AdminTokenFile.access settings.Web
                |> Result.mapError List.singleton
                |> Result.map (fun admin ->
                    configure settings.Workers builder
                    compose builder settings admin)))

    /// Runs the node until it is stopped. Returns the process's exit code: 1 if it can't start on this machine, 2 for
    /// invalid options.
    let run (arguments: string[]) (configure: WorkersSettings -> WebApplicationBuilder -> unit) : int =
        let failed (code: int) (messages: string list) =
            messages |> List.iter (eprintfn "%s")
            code

        let rec start isAgain values =
            match build values configure with
            | Error messages -> failed 2 messages
            | Ok app ->
                let configuration = app.Configuration

                try
                    app.Run()
                    0
                with ListenError.SocketFailed error ->
                    if not isAgain && ListenError.areConfiguredPortsFree configuration then
                        start true values
                    else
                        failed 1 [ ListenError.describe configuration error ]

        CommandLine.invoke arguments (start false)
