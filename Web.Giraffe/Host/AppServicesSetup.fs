/// Creates `AppServices`.
[<RequireQualifiedAccess>]
module Web.Giraffe.AppServicesSetup

open System
open Microsoft.AspNetCore.Builder
open Microsoft.Extensions.Caching.Hybrid
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging
open Node.Hosting
open Web.Giraffe.Api
open Web.Giraffe.Handlers
open Web.Giraffe.Inference
open Web.Giraffe.Views

/// Creates the memory budget, in whole blocks; it holds at least the largest picture.
let private budget (settings: WebSettings) (clock: TimeProvider) =
    let block = int64 ByteBlocks.BlockSize
    let largest = (int64 settings.MaxUpload + block - 1L) / block * block
    ByteBudget(max settings.MaxBuffered largest, largest, clock)

/// Creates what the handlers need from the app's services.
let create
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
    let workers = app.Services.GetRequiredService<WorkersSettings>()

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
    app.Lifetime.ApplicationStarted.Register(fun () -> AdminTokenFile.log logger origin (Uri(Seq.head app.Urls).Port))
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
        Client = workers.Client
        Freshness = WorkersSettings.freshness workers
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
        // A client may watch over each of its connections.
        Watchers = Listeners 1000
        Logger = logger
    }
