namespace Web.Giraffe

open Microsoft.Extensions.Configuration
open Node.Hosting.Settings
open Web.Giraffe.Api

/// All settings of the web node.
/// Read from .NET's configuration: command line over environment (`Upload__MaxBytes`) over appsettings.json.
type NodeSettings =
    {
        Web: WebSettings
        Workers: WorkersSettings
        Api: ApiSettings
        Telemetry: TelemetrySettings
    }

[<RequireQualifiedAccess>]
module NodeSettings =

    /// All settings, in the order of the help.
    let all: Setting array =
        [|
            yield! Setting.Of<WorkersOptions> ""
            yield! Setting.Of<HttpOptions> "Http"
            yield! Setting.Of<UploadOptions> "Upload"
            yield! Setting.Of<AdminOptions> "Admin"
            yield! Setting.Of<ApiOptions> "Api"
            yield! Setting.Of<SamplesOptions> "Samples"
            yield! Setting.Of<CacheOptions> "Cache"
            yield! Setting.Of<PoolOptions> "Pool"
            yield! Setting.Of<AnswerOptions> "Answer"
            yield! Setting.Of<ClientOptions> "Client"
            yield! Setting.Of<RegistryOptions> "Registry"
            yield! Setting.Of<DiscoveryOptions> "Discovery"
            yield! Setting.Of<MetricsOptions> "Metrics"
        |]

    // A node on a random port has another port next time, so its list is not saved.
    let private registry (path: string | null) port =
        match path, port with
        | null, 0
        | "", _ -> None
        | null, port -> Some $"workers-{port}.json"
        | path, _ -> Some path

    /// Returns the settings, or one sentence per error.
    let read (configuration: IConfigurationRoot) : Result<NodeSettings, string list> =
        let reader = OptionsReader(configuration, _.Path)
        let http = reader.Bind<HttpOptions> "Http"
        let admin = reader.Bind<AdminOptions> "Admin"
        let registryOptions = reader.Bind<RegistryOptions> "Registry"

        let settings =
            {
                Web = WebSettings.read reader http admin registryOptions.Path
                Workers =
                    WorkersSettings.read
                        reader
                        admin.AllowedNetworks
                        (registry registryOptions.Path http.Port)
                        registryOptions.Redis
                Api = ApiSettings.read reader
                Telemetry = TelemetrySettings.read reader http.Port http.GrpcPort
            }

        match [ yield! UnknownSettings.Find(configuration, all); yield! reader.Errors ] with
        | [] -> Ok settings
        | errors -> Error errors
