namespace Web.Giraffe

open System
open System.ComponentModel
open System.ComponentModel.DataAnnotations
open System.IO
open System.Net
open Protocol.Core
open Node.Hosting.Redis
open Node.Hosting.Settings

/// The top-level settings.
type WorkersOptions() =
    [<Description "A worker, HOST:PORT; may be repeated. Use tls://HOST:PORT for a worker with TLS, and dns://NAME:PORT for all addresses of a DNS name">]
    member val Workers: string[] = [||] with get, set

/// The section `Pool`.
type PoolOptions() =
    [<Description "Maximum concurrent pictures per worker"; Range(1, 10_000)>]
    member val InFlight = 8 with get, set

    [<Description "Maximum requests that wait while every worker is busy"; Range(0, 100_000)>]
    member val Queue = 64 with get, set

    [<Description "Maximum attempts per request, each on another worker; unreachable workers do not count";
      Range(1, 100)>]
    member val MaxAttempts = 3 with get, set

    [<Description "Timeout of a request in seconds, including its wait and all attempts"; Range(0.1, 3600.0)>]
    member val RequestSeconds = 20.0 with get, set

    [<Description "Load balancing policy"; AllowedValues("RoundRobin", "LeastInFlight", "PowerOfTwoChoices")>]
    member val Policy = "RoundRobin" with get, set

    [<Description "Action for a failed worker: eject it until it recovers, or remove it from the list";
      AllowedValues("Eject", "Remove")>]
    member val OnFailure = "Eject" with get, set

    [<Description "Seconds before the first probe of an ejected worker; doubles with each failure"; Range(0.01, 3600.0)>]
    member val FirstRetrySeconds = 5.0 with get, set

    [<Description "Maximum seconds between probes of an ejected worker; at least Pool:FirstRetrySeconds";
      Range(0.01, 86_400.0)>]
    member val LongestRetrySeconds = 300.0 with get, set

    [<Description "Interval of the health checks of an idle worker in seconds; 0 disables them"; Range(0.0, 3600.0)>]
    member val CheckSeconds = 10.0 with get, set

    [<Description "Timeout of a health check in seconds"; Range(0.1, 60.0)>]
    member val CheckDeadlineSeconds = 3.0 with get, set

    [<Description "Picture file for health checks [default: a sample]">]
    member val ProbeImage: string | null = null with get, set

    [<Description "Model for requests that name none, and for workers that do not describe their models">]
    member val Model: string | null = null with get, set

/// The section `Answer`.
type AnswerOptions() =
    [<Description "Minimum probability of an answer, which is the most specific class or group that reaches it";
      Range(0.0, 1.0)>]
    member val Confidence = 0.8 with get, set

/// The section `Registry`.
type RegistryOptions() =
    [<Description "File that stores the worker list across restarts; empty for none [default: workers-PORT.json]">]
    member val Path: string | null = null with get, set

    [<Description "Redis server for a worker list that several web nodes share; replaces the file: [redis://[USER:PASSWORD@]]HOST[:PORT][,HOST[:PORT]][/DATABASE][?prefix=NAME&sentinel=NAME&ca=FILE]">]
    member val Redis: string | null = null with get, set

/// The section `Discovery`.
type DiscoveryOptions() =
    [<Description "Name server for dns:// names, IP[:PORT] [default: the system's]">]
    member val Server: string | null = null with get, set

/// The settings of the web node's workers half.
type WorkersSettings =
    {
        Workers: WorkerAddress list
        Policy: PoolPolicy
        Queue: int
        MaxAttempts: int
        Request: TimeSpan
        /// 0: never.
        CheckEvery: TimeSpan
        CheckWithin: TimeSpan
        /// None: the built-in picture.
        ProbeImage: string option
        Model: string option
        /// The minimum probability of an answer in a model's class tree, 0 … 1.
        Confidence: float
        Client: ClientSettings
        /// The file with the worker list.
        Registry: string option
        /// The Redis with the shared list; it replaces the file.
        Redis: RedisAddress option
        /// The `dns://` names among `Workers`, for DNS discovery.
        Names: WorkerAddress list
        /// None: the system's own.
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

    let private redis (text: string) =
        match RedisAddress.TryParse text with
        | true, NonNull address ->
            match RedisConnection.Check address with
            | null -> Ok address
            | reason -> Error $"Registry:Redis can't be used: {reason}."
        // The value may hold a password.
        | _ -> Error $"Registry:Redis must be {RedisAddress.Forms}."

    let private nameServer (text: string) =
        match IPEndPoint.TryParse text with
        | true, NonNull server -> Ok(IPEndPoint(server.Address, (if server.Port = 0 then 53 else server.Port)))
        | _ -> Error $"Discovery:Server must be a name server's IP address, with or without a port, not '{text}'."

    let private model (id: string) =
        if (ModelName.tryParse id).IsNone || id.Contains '@' then
            Error
                $"Pool:Model must be a model's id of lower-case letters, digits, dots, underscores and hyphens, not '{id}'."
        else
            Ok id

    /// The path of a sample picture beside the program.
    let private sample =
        Path.Combine(AppContext.BaseDirectory, "samples", "traffic-light.png")

    let private probeImage (path: string | null) =
        match SettingParsing.optional path with
        | None -> Ok(Some sample |> Option.filter File.Exists)
        | Some path when File.Exists path -> Ok(Some path)
        | Some path -> Error $"Pool:ProbeImage must be a picture's file; there is none at '{path}'."

    let private policy (reader: OptionsReader) (pool: PoolOptions) =
        if pool.LongestRetrySeconds < pool.FirstRetrySeconds then
            reader.Add
                $"Pool:LongestRetrySeconds must be a number from {pool.FirstRetrySeconds} (Pool:FirstRetrySeconds) to 86400, not '{pool.LongestRetrySeconds}'."

        {
            LoadBalancingPolicy =
                match pool.Policy.ToLowerInvariant() with
                | "leastinflight" -> LoadBalancingPolicy.LeastInFlight
                | "poweroftwochoices" -> LoadBalancingPolicy.PowerOfTwoChoices
                | _ -> LoadBalancingPolicy.RoundRobin
            InFlight = pool.InFlight
            FirstRetry = TimeSpan.FromSeconds pool.FirstRetrySeconds
            LongestRetry = TimeSpan.FromSeconds pool.LongestRetrySeconds
            OnFailure =
                match pool.OnFailure.ToLowerInvariant() with
                | "remove" -> OnFailure.Remove
                | _ -> OnFailure.Eject
        }

    /// Reads the settings; `reader` collects the errors. `networks` of none means the standard ones.
    let read
        (reader: OptionsReader)
        (networks: string[] | null)
        (registry: string option)
        (shared: string | null)
        : WorkersSettings =
        let options = reader.Bind<WorkersOptions> ""
        let pool = reader.Bind<PoolOptions> "Pool"
        let discovery = reader.Bind<DiscoveryOptions> "Discovery"
        let answer = reader.Bind<AnswerOptions> "Answer"

        let workers =
            options.Workers |> Seq.map worker |> SettingParsing.each reader |> List.distinct

        let addresses areNames =
            [
                for struct (isName, address) in workers do
                    if isName = areNames then
                        address
            ]

        {
            Workers = addresses false
            Policy = policy reader pool
            Queue = pool.Queue
            MaxAttempts = pool.MaxAttempts
            Request = TimeSpan.FromSeconds pool.RequestSeconds
            CheckEvery = TimeSpan.FromSeconds pool.CheckSeconds
            CheckWithin = TimeSpan.FromSeconds pool.CheckDeadlineSeconds
            ProbeImage = probeImage pool.ProbeImage |> SettingParsing.orElse reader None
            Model = SettingParsing.parseOptional reader model pool.Model
            Confidence = answer.Confidence
            Client = ClientSettings.read reader networks (addresses false)
            Registry = registry
            Redis = SettingParsing.parseOptional reader redis shared
            Names = addresses true
            NameServer = SettingParsing.parseOptional reader nameServer discovery.Server
        }
