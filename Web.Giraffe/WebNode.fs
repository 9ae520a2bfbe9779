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

/// The web node, put together.
[<RequireQualifiedAccess>]
module WebNode =
    let private kestrel (settings: WebSettings) (telemetry: TelemetrySettings) (options: KestrelServerOptions) =
        options.AddServerHeader <- false
        let limits = options.Limits
        // For everything but pictures, whose routes have their own.
        limits.MaxRequestBodySize <- Nullable 65_536L
        limits.MaxRequestHeadersTotalSize <- 16_384
        limits.MaxRequestHeaderCount <- 64
        limits.RequestHeadersTimeout <- TimeSpan.FromSeconds 10.0
        limits.KeepAliveTimeout <- TimeSpan.FromSeconds 60.0
        limits.MinRequestBodyDataRate <- MinDataRate(1024.0, TimeSpan.FromSeconds 10.0)

        // Each port has its own.
        let limited (listen: ListenOptions) =
            ConnectionGuard.listen (ConnectionGuard.limiter settings TimeProvider.System) listen

        match settings.Address with
        | Some address -> options.Listen(address, settings.Port, limited)
        | None -> options.ListenAnyIP(settings.Port, limited)

        match telemetry.Port, telemetry.Address with
        | Some port, Some address -> options.Listen(address, port, limited)
        | Some port, None -> options.ListenAnyIP(port, limited)
        | None, _ -> ()

    /// In whole blocks, of which it holds the longest picture at least.
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

        // Then the port is known.
        app.Lifetime.ApplicationStarted.Register(fun () ->
            AdminTokenFile.log logger origin (Uri(Seq.head app.Urls).Port))
        |> ignore

        {
            Settings = settings
            Model = app.Services.GetRequiredService<WorkersSettings>().Model
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

    // What a client sent, or did not send to its end: no fault of this program's.
    let private isFromClient (context: HttpContext) (error: exn) =
        match error with
        | :? Microsoft.AspNetCore.Http.BadHttpRequestException
        | :? InvalidDataException -> true
        | :? IOException
        | :? OperationCanceledException -> context.RequestAborted.IsCancellationRequested
        | _ -> false

    /// The connection is not used again: its next request may be the rest of this one's body.
    let private answerBroken site (context: HttpContext) : Task =
        task {
            match context.Features.Get<IExceptionHandlerFeature>() with
            | NonNull feature when isFromClient context feature.Error -> context.Response.Headers.Connection <- "close"
            | _ -> ()

            try
                do! AppServices.bareStatus site context
            with :? OperationCanceledException when context.RequestAborted.IsCancellationRequested ->
                // Nobody is there to read it, and the connection holds half a body.
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

    /// The node, ready to start, or everything that is wrong with its configuration. `configure` registers
    /// `IRecognizer`, `IWorkerList` and `IWorkerProbe`, and says what is wrong with its own options.
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

        // Last, and only where all else is right: it may write a file.
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
                    // ASP.NET Core's own way leaves `<` as it is, which a page that embeds an answer might take for markup.
                    .ConfigureHttpJsonOptions(fun options ->
                        options.SerializerOptions.Encoder <- JavaScriptEncoder.Create UnicodeRanges.All
                        // Numbers are written as numbers, and the document says so.
                        options.SerializerOptions.NumberHandling <- JsonNumberHandling.Strict)
                    .AddSingleton<IMemoryPoolFactory<byte>, ReceiveBlocks>()
                    .AddSingleton(Drain settings.DrainDelay)
                    .AddHostedService(fun services -> services.GetRequiredService<Drain>())
                    // What is received of a connection before anybody has counted it; the default is 1 MiB.
                    .Configure(fun (options: SocketTransportOptions) -> options.MaxReadBufferSize <- Nullable 131_072L)
                    .Configure(fun (options: HostOptions) -> options.ShutdownTimeout <- TimeSpan.FromSeconds 15.0)
                |> ignore

                Document.add builder.Services

                // That it can't start, the host would log with a page of stack trace; `run` says it in one line.
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

    /// Runs the node until it is told to stop. Returns the process's exit code: 1 where this machine does not let it
    /// start, 2 for wrong options.
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
