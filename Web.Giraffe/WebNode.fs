namespace Web.Giraffe

open System
open System.Buffers
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
open Web.Giraffe.Views

/// Builds and runs the web node.
[<RequireQualifiedAccess>]
module WebNode =
    let private kestrel (settings: WebSettings) (telemetry: TelemetrySettings) (options: KestrelServerOptions) =
        options.AddServerHeader <- false
        let limits = options.Limits
        // For all requests except pictures; their routes have their own limit.
        limits.MaxRequestBodySize <- Nullable 65_536L
        limits.MaxRequestHeadersTotalSize <- 16_384
        limits.MaxRequestHeaderCount <- 64
        limits.RequestHeadersTimeout <- TimeSpan.FromSeconds 10.0
        limits.KeepAliveTimeout <- TimeSpan.FromSeconds 60.0
        limits.MinRequestBodyDataRate <- MinDataRate(1024.0, TimeSpan.FromSeconds 10.0)

        // Each port has its own limiter.
        let limited (listen: ListenOptions) =
            ConnectionGuard.listen (ConnectionGuard.limiter settings TimeProvider.System) listen

        match settings.Address with
        | Some address -> options.Listen(address, settings.Port, limited)
        | None -> options.ListenAnyIP(settings.Port, limited)

        match telemetry.Port, telemetry.Address with
        | Some port, Some address -> options.Listen(address, port, limited)
        | Some port, None -> options.ListenAnyIP(port, limited)
        | None, _ -> ()

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
        let engine = app.Services.GetRequiredService<WorkersSettings>()

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
            Models = app.Services.GetRequiredService<ModelDirectory>()
            Labels = app.Services.GetRequiredService<WorkerClient>().Labels
            Assets = { Root = StaticFiles.root files }
            Samples = samples
            Api =
                {
                    Settings = api
                    Keys = new ApiKeys(app.Configuration, api.KeysFile, clock, logger)
                    Limit = new RateLimit(api)
                }
            Recognizer = CountedRecognizer(app.Services.GetRequiredService<IRecognizer>(), traffic, clock)
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

    let private pipeline (app: WebApplication) (telemetry: TelemetrySettings) (site: AppServices) =
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

        TrustedProxies.useForwardedHeaders site.Settings.TrustedProxies app
        MetricsHandlers.usePort site telemetry app

        app.Use(
            ConnectionGuard.apply (fun context -> AppServices.problem site ConnectionGuard.problem earlyReturn context)
        )
        |> ignore

        app.Use(RequestBodies.apply site.Budget site.Settings.BodyTimes site.Clock)
        |> ignore

        app.Use(SecurityHeaders.apply) |> ignore
        app.UseExceptionHandler broken |> ignore

        app.UseStatusCodePages(fun (context: StatusCodeContext) -> AppServices.bareStatus site context.HttpContext)
        |> ignore

        StaticFiles.serve app site.Assets.Root
        DocsPage.serve app
        app.UseRouting() |> ignore
        app.MapOpenApi() |> ignore
        app.MapGiraffeEndpoints(Routes.endpoints site)

    /// Builds the node, or returns all configuration errors. `configure` registers `IRecognizer`, `IWorkerList` and
    /// `IWorkerProbe`, and returns the errors of its own options.
    let build
        (arguments: string[])
        (configure: WebApplicationBuilder -> Result<unit, string list>)
        : Result<WebApplication, string list> =
        let builder =
            WebApplication.CreateBuilder(
                WebApplicationOptions(
                    Args = arguments,
                    ContentRootPath = AppContext.BaseDirectory,
                    WebRootPath = "wwwroot"
                )
            )

        builder.Logging.EscapeConsole() |> ignore
        let telemetry = TelemetrySettings.read builder.Configuration
        let api = ApiSettings.read builder.Configuration
        let settings = WebSettings.read builder.Configuration
        let configured = configure builder

        // Last, and only with a valid configuration: it may write a file.
        let admin () =
            settings
            |> Result.bind (AdminTokenFile.access >> Result.mapError List.singleton)

        match settings, api, telemetry, configured with
        | Ok settings, Ok api, Ok telemetry, Ok() ->
            match admin () with
            | Error messages -> Error messages
            | Ok admin ->
                builder.WebHost.ConfigureKestrel(kestrel settings telemetry) |> ignore
                Telemetry.add builder.Configuration builder.Services
                builder.Services.TryAddSingleton TimeProvider.System

                builder.Services
                    .AddRouting()
                    .AddProblemDetails()
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

                Document.add builder.Services

                // The host would log a failed start with a long stack trace; `run` prints one line.
                let started = ref false

                let hasStarted level =
                    started.Value && level >= LogLevel.Information

                builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", hasStarted)
                |> ignore

                let app = builder.Build()

                app.Lifetime.ApplicationStarted.Register(fun () -> started.Value <- true)
                |> ignore

                let drain = app.Services.GetRequiredService<Drain>()
                app.Lifetime.ApplicationStopping.Register(fun () -> drain.Start()) |> ignore
                pipeline app telemetry (site app settings admin api)
                Ok app
        | settings, api, telemetry, configured ->
            let messages result =
                match result with
                | Ok _ -> []
                | Error messages -> messages

            Error(messages settings @ messages api @ messages telemetry @ messages configured)

    /// Runs the node until it is stopped. Returns the process's exit code: 1 if it can't start on this machine, 2 for
    /// invalid options.
    let run (arguments: string[]) (configure: WebApplicationBuilder -> Result<unit, string list>) : int =
        let failed (code: int) (messages: string list) =
            messages |> List.iter (eprintfn "%s")
            code

        match CommandLine.parse (List.ofArray arguments) with
        | CommandLine.Help ->
            printf "%s" CommandLine.help
            0
        | CommandLine.Wrong message -> failed 2 [ message ]
        | CommandLine.Run arguments ->
            match build arguments configure with
            | Error messages -> failed 2 messages
            | Ok app ->
                let configuration = app.Configuration

                try
                    app.Run()
                    0
                with ListenError.SocketFailed error ->
                    failed 1 [ ListenError.describe configuration error ]
