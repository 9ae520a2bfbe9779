namespace Web.Giraffe

open System
open System.IO
open System.Net
open Microsoft.Extensions.Configuration
open Protocol.Core
open Transport.Redis

/// The settings of the web node's workers half. Read from .NET's configuration: command line over environment
/// (`Pool__InFlight`) over appsettings.json.
type WorkersSettings =
    {
        /// `Workers`, a list, or a text with commas; `--worker` on the command line.
        Workers: WorkerAddress list
        /// `Pool:Policy`, `Pool:InFlight`, `Pool:FirstRetrySeconds`, `Pool:LongestRetrySeconds`, `Pool:OnFailure`.
        Policy: PoolPolicy
        /// `Pool:Queue`, the maximum number of waiting requests while every worker is full.
        Queue: int
        /// `Pool:MaxAttempts`, the maximum number of workers per request; unreachable ones do not count.
        MaxAttempts: int
        /// `Pool:RequestSeconds`, the deadline of a request: its wait and all its attempts.
        Request: TimeSpan
        /// `Pool:CheckSeconds`, the interval of health checks for idle workers; 0: never.
        CheckEvery: TimeSpan
        /// `Pool:CheckDeadlineSeconds`, the deadline of a health check.
        CheckWithin: TimeSpan
        /// `Pool:ProbeImage`, the file with the health check's picture; a sample or a built-in one by default.
        ProbeImage: string option
        /// `Pool:Model`, the model of requests that name none, and of workers that do not describe themselves.
        Model: string option
        Client: ClientSettings
        /// `Registry:Path`, the file with the worker list; none if it is empty.
        Registry: string option
        /// `Registry:Redis`, the Redis with the shared list; it replaces the file.
        Redis: RedisAddress option
        /// The `dns://` names among `Workers`, for DNS discovery.
        Names: WorkerAddress list
        /// `Discovery:Server`, the name server for these names; none: the system's own.
        NameServer: IPEndPoint option
    }

[<RequireQualifiedAccess>]
module WorkersSettings =

    /// How long an answer proves that a worker is healthy. A check starts at most a second after it is due, and takes
    /// up to its deadline.
    let freshness (settings: WorkersSettings) =
        if settings.CheckEvery > TimeSpan.Zero then
            Some(settings.CheckEvery + settings.CheckWithin + TimeSpan.FromSeconds 2.0)
        else
            None

    let private known =
        [
            "Pool",
            [
                "InFlight"
                "Policy"
                "FirstRetrySeconds"
                "LongestRetrySeconds"
                "OnFailure"
                "Queue"
                "MaxAttempts"
                "RequestSeconds"
                "CheckSeconds"
                "CheckDeadlineSeconds"
                "ProbeImage"
                "Model"
            ]
            "Client", ClientSettings.keys
            "Registry", [ "Path"; "Redis" ]
            "Discovery", [ "Server" ]
        ]

    [<Literal>]
    let private NameScheme = "dns://"

    /// Parses an address, or a name for DNS discovery.
    let private worker (text: string) =
        let text = text.Trim()
        let isName = text.StartsWith(NameScheme, StringComparison.OrdinalIgnoreCase)

        match WorkerAddress.tryParse (if isName then text.Substring NameScheme.Length else text) with
        | Ok address when isName && IPAddress.TryParse(address.Host, ref null) ->
            Error $"--worker (Workers): {text} names an address; {NameScheme} goes before a name alone."
        | Ok address -> Ok(struct (isName, address))
        | Error error -> Error $"--worker (Workers): {AddressError.describe error}."

    let private redis (configuration: IConfiguration) =
        match configuration["Registry:Redis"] with
        | null
        | "" -> Ok None
        | text ->
            match RedisAddress.TryParse text with
            | true, NonNull address -> Ok(Some address)
            | _ -> Error $"Registry:Redis: a Redis is {RedisAddress.Forms}."

    let private nameServer (configuration: IConfiguration) =
        match configuration["Discovery:Server"] with
        | null
        | "" -> Ok None
        | text ->
            match IPEndPoint.TryParse text with
            | true, NonNull server ->
                Ok(Some(IPEndPoint(server.Address, (if server.Port = 0 then 53 else server.Port))))
            | _ -> Error $"Discovery:Server must be a name server's IP address, with or without a port, not '{text}'."

    let private model (configuration: IConfiguration) =
        match configuration["Pool:Model"] with
        | null
        | "" -> Ok None
        | id when (ModelName.tryParse id).IsSome && not (id.Contains '@') -> Ok(Some id)
        | id ->
            Error
                $"Pool:Model must be a model's id of lower-case letters, digits, dots, underscores and hyphens, not '{id}'."

    /// The path of a sample picture beside the program.
    let private sample =
        Path.Combine(AppContext.BaseDirectory, "samples", "traffic-light.png")

    let private probeImage (configuration: IConfiguration) =
        match configuration["Pool:ProbeImage"] with
        | null
        | "" -> Ok(Some sample |> Option.filter File.Exists)
        | path when File.Exists path -> Ok(Some path)
        | path -> Error $"Pool:ProbeImage must be a picture's file; there is none at '{path}'."

    // A node on a random port has another port next time, so its list is not saved.
    let private registry (configuration: IConfiguration) =
        match configuration["Registry:Path"], configuration["Http:Port"] with
        | null, "0"
        | "", _ -> None
        | null, null -> Some "workers-9999.json"
        | null, port -> Some $"workers-{port}.json"
        | path, _ -> Some path

    /// Returns the settings, or one sentence per invalid option.
    let read (configuration: IConfiguration) : Result<WorkersSettings, string list> =
        let options = OptionReader(configuration, known)

        let first = options.Seconds("Pool:FirstRetrySeconds", 5.0, 0.01, 3600.0)

        let workers =
            options.Texts "Workers" |> List.map worker |> options.Each |> List.distinct

        let these names =
            [
                for struct (isName, address) in workers do
                    if isName = names then
                        address
            ]

        options.Outcome
            {
                Workers = these false
                Policy =
                    {
                        LoadBalancingPolicy =
                            options.OneOf(
                                "Pool:Policy",
                                LoadBalancingPolicy.RoundRobin,
                                [ for turns in Enum.GetValues<LoadBalancingPolicy>() -> string turns, turns ]
                            )
                        InFlight = options.Count("Pool:InFlight", 8, 1, 10_000)
                        FirstRetry = first
                        LongestRetry = options.Seconds("Pool:LongestRetrySeconds", 300.0, first.TotalSeconds, 86_400.0)
                        OnFailure =
                            options.OneOf(
                                "Pool:OnFailure",
                                OnFailure.Eject,
                                [ "Eject", OnFailure.Eject; "Remove", OnFailure.Remove ]
                            )
                    }
                Queue = options.Count("Pool:Queue", 64, 0, 100_000)
                MaxAttempts = options.Count("Pool:MaxAttempts", 3, 1, 100)
                Request = options.Seconds("Pool:RequestSeconds", 20.0, 0.1, 3600.0)
                CheckEvery = options.Seconds("Pool:CheckSeconds", 10.0, 0.0, 3600.0)
                CheckWithin = options.Seconds("Pool:CheckDeadlineSeconds", 3.0, 0.1, 60.0)
                ProbeImage = options.Take(None, probeImage configuration)
                Model = options.Take(None, model configuration)
                Client = ClientSettings.read configuration options (these false)
                Registry = registry configuration
                Redis = options.Take(None, redis configuration)
                Names = these true
                NameServer = options.Take(None, nameServer configuration)
            }
