namespace Web.Giraffe

open System
open System.Buffers
open System.Collections.Generic
open System.IO
open System.Net
open System.Text.Encodings.Web
open System.Text.Json.Serialization
open System.Text.Unicode
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Connections
open Microsoft.AspNetCore.Diagnostics
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Server.Kestrel.Core
open Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets
open Microsoft.AspNetCore.StaticFiles
open Microsoft.Extensions.Caching.Hybrid
open Microsoft.Extensions.Configuration
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.DependencyInjection.Extensions
open Microsoft.Extensions.FileProviders
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging
open Giraffe
open Giraffe.EndpointRouting
open Transport
open Transport.Logging
open Web.Giraffe.Api
open Web.Giraffe.Handlers
open Web.Giraffe.Inference
open Web.Giraffe.Views

/// Builds and runs the web node.
[<RequireQualifiedAccess>]
module WebNode =
    [<Literal>]
    let private DefaultGrpcPort = 8001

    /// Returns the port of gRPC, or none. Only the default port may be in use by another program.
    let private grpcPort (settings: WebSettings) =
        match settings.GrpcPort with
        | Some 0 -> None
        | Some port -> Some port
        | None when
            settings.Port <> DefaultGrpcPort
            && ListenError.canListen settings.Address DefaultGrpcPort
            ->
            Some DefaultGrpcPort
        | None -> None

    let private kestrel
        (settings: WebSettings)
        (telemetry: TelemetrySettings)
        (grpc: int option)
        (options: KestrelServerOptions)
        =
        options.AddServerHeader <- false
        let limits = options.Limits
        // For all requests except pictures; their routes have their own limit.
        limits.MaxRequestBodySize <- Nullable 65_536L
        limits.RequestHeadersTimeout <- TimeSpan.FromSeconds 10.0
        limits.KeepAliveTimeout <- TimeSpan.FromSeconds 60.0
        limits.MinRequestBodyDataRate <- MinDataRate(1024.0, TimeSpan.FromSeconds 10.0)

        // Each port has its own limiter.
        let limited (listen: ListenOptions) =
            ConnectionGuard.listen (ConnectionGuard.limiter settings TimeProvider.System) listen

        let listen (configure: ListenOptions -> unit) address port =
            match address with
            | AnyAddress -> options.ListenAnyIP(port, configure)
            // Kestrel has no port of its own choice for both loopback addresses.
            | Localhost when port = 0 -> options.Listen(IPAddress.Loopback, port, configure)
            | Localhost -> options.ListenLocalhost(port, configure)
            | OneAddress address -> options.Listen(address, port, configure)

        // Without TLS a client can't choose: it must know that the port speaks HTTP/2.
        let http2 (listen: ListenOptions) =
            listen.Protocols <- HttpProtocols.Http2
            limited listen

        listen limited settings.Address settings.Port
        grpc |> Option.iter (listen http2 settings.Address)
        telemetry.Port |> Option.iter (listen limited telemetry.Address)

    /// Creates the memory budget, in whole blocks; it holds at least the largest picture.
    let private budget (settings: WebSettings) (clock: TimeProvider) =
        let block = int64 ByteBlocks.BlockSize
        let largest = (int64 settings.MaxUpload + block - 1L) / block * block
        ByteBudget(max settings.MaxBuffered largest, largest, clock)

    let private site
        (app: WebApplication)
        (settings: WebSettings)
        (admin: AdminAccess, origin: AdminTokenOrigin)
        (api: ApiSettings)
        : AppServices =
        let files = app.Environment.WebRootFileProvider

        let logger =
            app.Services.GetRequiredService<ILoggerFactory>().CreateLogger "Web.Giraffe"

        let samples = Samples.Read settings.SamplesFolder
        let drain = app.Services.GetRequiredService<Drain>()
        let clock = app.Services.GetRequiredService<TimeProvider>()
        let traffic = Traffic clock
        let models = app.Services.GetRequiredService<ModelDirectory>()
        let engine = app.Services.GetRequiredService<WorkersSettings>()

        let dispatcher = app.Services.GetRequiredService<IRecognizer>()

        let recognizer: IRecognizer =
            match app.Services.GetService<HybridCache>() with
            | NonNull cache -> CachedRecognizer(dispatcher, cache, models, clock)
            | _ -> dispatcher

        if samples.All.IsEmpty then
            HttpLog.samplesMissing logger settings.SamplesFolder

        match admin.Token with
        | Some token when token.Length < 16 -> HttpLog.weakToken logger token.Length
        | _ -> ()

        if admin.TrustLoopback then
            HttpLog.trustLoopback logger

        // The port is known after the start.
        app.Lifetime.ApplicationStarted.Register(fun () ->
            AdminTokenFile.log logger origin (Uri(Seq.head app.Urls).Port))
        |> ignore

        {
            Settings = settings
            Models = models
            Labels = app.Services.GetRequiredService<WorkerClient>().Labels
            Assets =
                {
                    Root = StaticFiles.root files
                    Models = fun () -> ModelsView.summary models
                }
            Samples = samples
            Fetcher =
                if FetchNetworks.isOn settings.FetchNetworks then
                    Some(new ImageFetcher(settings.FetchNetworks, settings.MaxUpload, TimeSpan.FromSeconds 10.0))
                else
                    None
            Api =
                {
                    Settings = api
                    Keys = new ApiKeys(app.Configuration, api.KeysFile, clock, logger)
                    Limit = new RateLimit(api)
                }
            Recognizer = CountedRecognizer(recognizer, traffic, clock)
            Workers = app.Services.GetRequiredService<IWorkerList>()
            Probe = app.Services.GetRequiredService<IWorkerProbe>()
            Client = engine.Client
            Freshness = WorkersSettings.freshness engine
            Budget = budget settings clock
            Admin = admin
            LoginThrottle = LoginThrottle clock
            ConfirmationKey = AdminAccess.confirmationKey admin
            Clock = clock
            Stopping = fun () -> drain.Started
            Ending = drain.Token
            Traffic = traffic
            Inferences = InferenceCounters clock
            Listeners = Listeners 32
            Logger = logger
        }

    // Returns whether the client caused the error, by invalid or incomplete input.
    let private isFromClient (context: HttpContext) (error: exn) =
        match error with
        | :? Microsoft.AspNetCore.Http.BadHttpRequestException
        | :? InvalidDataException -> true
        | :? IOException
        | :? OperationCanceledException -> context.RequestAborted.IsCancellationRequested
        | _ -> false

    /// Answers a failed request. A client error closes the connection, since the rest of the body may look like a
    /// request.
    let private answerBroken site (context: HttpContext) : Task =
        task {
            match context.Features.Get<IExceptionHandlerFeature>() with
            | NonNull feature when isFromClient context feature.Error -> context.Response.Headers.Connection <- "close"
            | _ -> ()

            try
                do! AppServices.bareStatus site context
            with :? OperationCanceledException when context.RequestAborted.IsCancellationRequested ->
                // Nobody reads the answer, and the connection still holds part of a body.
                context.Abort()
        }

    let private pipeline (app: WebApplication) (telemetry: TelemetrySettings) (grpc: int option) (site: AppServices) =
        let broken =
            ExceptionHandlerOptions(
                ExceptionHandler = RequestDelegate(answerBroken site),
                SuppressDiagnosticsCallback = (fun broken -> isFromClient broken.HttpContext broken.Exception),
                StatusCodeSelector =
                    fun error ->
                        match error with
                        | :? Microsoft.AspNetCore.Http.BadHttpRequestException as error -> error.StatusCode
                        | :? InvalidDataException -> 400
                        | _ -> 500
            )

        app.Use(TraceId.apply) |> ignore
        TrustedProxies.useForwardedHeaders site.Settings.TrustedProxies app
        app.Use(BasePath.apply site.Settings.PathBase) |> ignore
        Cors.apply site.Api.Settings.AllowedOrigins app
        MetricsHandlers.usePort site telemetry app

        app.Use(
            ConnectionGuard.apply (fun context -> AppServices.problem site ConnectionGuard.problem earlyReturn context)
        )
        |> ignore

        app.Use(RequestBodies.apply site.Budget site.Settings.BodyTimes site.Clock)
        |> ignore

        GrpcEndpoints.useGuard site grpc app

        app.UseWhen(
            (fun context -> not (GrpcRequest.is context.Request)),
            fun app -> app.Use(SecurityHeaders.apply) |> ignore
        )
        |> ignore

        Localization.apply app

        Compression.apply
            (fun context ->
                AppServices.isApi context
                || AppServices.isInference context
                || AppServices.isHuggingFace context)
            app

        app.UseExceptionHandler broken |> ignore

        app.UseStatusCodePages(fun (context: StatusCodeContext) -> AppServices.bareStatus site context.HttpContext)
        |> ignore

        StaticFiles.serve app site.Assets.Root
        app.UseRouting() |> ignore
        app.MapOpenApi() |> ignore
        app.MapGiraffeEndpoints(Routes.endpoints site)
        GrpcEndpoints.map app

    /// Registers the services and builds the app.
    let private compose (builder: WebApplicationBuilder) (all: NodeSettings) admin =
        let settings, api, telemetry = all.Web, all.Api, all.Telemetry
        let grpc = grpcPort settings

        builder.WebHost.ConfigureKestrel(kestrel settings telemetry grpc) |> ignore

        Telemetry.add builder.Configuration builder.Services
        builder.Services.TryAddSingleton TimeProvider.System

        builder.Services
            .AddRouting()
            .AddProblemDetails()
            .AddCors()
            // ASP.NET Core's default keeps `<`, which a page that embeds an answer might parse as markup.
            .ConfigureHttpJsonOptions(fun options ->
                options.SerializerOptions.Encoder <- JavaScriptEncoder.Create UnicodeRanges.All
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
        let site = site app settings admin api

        if grpc.IsNone && settings.GrpcPort.IsNone then
            HttpLog.grpcOff site.Logger DefaultGrpcPort

        pipeline app telemetry grpc site
        app

    // The command line's values come last, over the environment and appsettings.json.
    let private createBuilder (given: IReadOnlyDictionary<string, string | null>) =
        try
            let builder =
                WebApplication.CreateBuilder(
                    WebApplicationOptions(ContentRootPath = AppContext.BaseDirectory, WebRootPath = "wwwroot")
                )

            builder.Configuration.AddInMemoryCollection given |> ignore
            builder.Configuration.AddLoggingDefaults "Microsoft.AspNetCore"
            builder.Logging.EscapeConsole().TrimJsonTimestamps() |> ignore
            Ok builder
        with error when Settings.ConfigurationFile.IsInvalid error ->
            Error [ Settings.ConfigurationFile.Describe error ]

    /// Builds the node with the given settings, by path, or returns all configuration errors. `configure` registers
    /// `IRecognizer`, `IWorkerList` and `IWorkerProbe`.
    let build
        (given: IReadOnlyDictionary<string, string | null>)
        (configure: WorkersSettings -> WebApplicationBuilder -> unit)
        : Result<WebApplication, string list> =
        createBuilder given
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

        CommandLine.invoke arguments (fun given ->
            match build given configure with
            | Error messages -> failed 2 messages
            | Ok app ->
                let configuration = app.Configuration

                try
                    app.Run()
                    0
                with ListenError.SocketFailed error ->
                    failed 1 [ ListenError.describe configuration error ])
