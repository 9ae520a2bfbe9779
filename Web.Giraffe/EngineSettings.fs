namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Net
open Microsoft.Extensions.Configuration
open Protocol.Core
open Transport.Tls

/// The deadlines and limits of one exchange with a worker.
type ClientSettings =
    {
        /// `Client:ConnectSeconds`, until the connection stands.
        Connect: TimeSpan
        /// `Client:ExchangeSeconds`, from the first try to connect to the result.
        Exchange: TimeSpan
        /// `Client:SilenceSeconds`, how long a worker may keep from answering, or from taking what is sent.
        Silence: TimeSpan
        /// `Client:Exchange`, what a worker is offered first; an old one is asked plainly all the same.
        Manner: Manner
        /// `Client:IdleConnections`, how many connections to each worker lie ready for the next requests.
        IdleConnections: int
        /// `Client:IdleSeconds`, how long each does at most; less than the worker's own patience (60 s).
        Idle: TimeSpan
        Limits: Limits
        /// `Admin:AllowedNetworks`, with the workers of the settings trusted.
        Allowed: AllowedNetworks
        /// `Client:TlsCa`, `Client:TlsCertificate`, `Client:TlsKey`.
        Tls: ClientTls
    }

/// What the half of the web node that talks to the workers is told. Read from .NET's configuration: command line
/// over environment (`Pool__InFlight`) over appsettings.json.
type EngineSettings =
    {
        /// `Workers`, a list, or one text with commas between; `--worker` on the command line.
        Workers: WorkerAddress list
        /// `Pool:Policy`, `Pool:InFlight`, `Pool:FirstRetrySeconds`, `Pool:LongestRetrySeconds`, `Pool:OnFailure`.
        Policy: PoolPolicy
        /// `Pool:Queue`, how many requests wait while every worker is full.
        Queue: int
        /// `Pool:MaxAttempts`, how many workers one request is sent to; those that can't be reached don't count.
        MaxAttempts: int
        /// `Pool:RequestSeconds`, one request's whole time here: waiting, and every worker that it is sent to.
        Request: TimeSpan
        /// `Pool:CheckSeconds`, how often a worker without users gets a picture to name; 0: never.
        CheckEvery: TimeSpan
        /// `Pool:CheckDeadlineSeconds`, how long such a check may take.
        CheckWithin: TimeSpan
        /// `Pool:ProbeImage`, the file with that picture; one of the samples, or a small one of the program's own.
        ProbeImage: string option
        /// `Pool:Model`, what the workers run, as the answers name it: the protocol doesn't say.
        Model: string
        Client: ClientSettings
        /// `Registry:Path`, the file that remembers the worker list; none where it is empty.
        Registry: string option
        /// `Registry:Redis`, where web nodes share their list; the file is not used then.
        Redis: RedisPlace option
        /// The `dns://` names among `Workers`, whose addresses are followed.
        Names: WorkerAddress list
        /// `Discovery:Server`, the name server that is asked for them; none: the machine's own.
        NameServer: IPEndPoint option
    }

[<RequireQualifiedAccess>]
module EngineSettings =

    /// How long one answer shows that a worker works: a check is begun a second after it is due at the latest, and takes
    /// its time.
    let freshness (settings: EngineSettings) =
        if settings.CheckEvery > TimeSpan.Zero then
            Some(settings.CheckEvery + settings.CheckWithin + TimeSpan.FromSeconds 2.0)
        else
            None

    let private known =
        dict
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
                "Client",
                [
                    "ConnectSeconds"
                    "ExchangeSeconds"
                    "SilenceSeconds"
                    "Exchange"
                    "IdleConnections"
                    "IdleSeconds"
                    "TlsCa"
                    "TlsCertificate"
                    "TlsKey"
                ]
                "Registry", [ "Path"; "Redis" ]
                "Discovery", [ "Server" ]
            ]

    let private unknown (configuration: IConfiguration) =
        [
            for KeyValue(section, keys) in known do
                for child in configuration.GetSection(section).GetChildren() do
                    if
                        not (
                            List.exists
                                (fun key -> String.Equals(key, child.Key, StringComparison.OrdinalIgnoreCase))
                                keys
                        )
                    then
                        let options = String.Join(", ", keys)
                        $"{section}:{child.Key} is no option; {section} has {options}."
        ]

    let private seconds (configuration: IConfiguration) key fallback least most =
        match configuration[key] with
        | null -> Ok(TimeSpan.FromSeconds(float fallback))
        | text ->
            match Double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) with
            | true, value when value >= least && value <= most -> Ok(TimeSpan.FromSeconds value)
            | _ -> Error $"{key} must be a number of seconds from {least} to {most}, not '{text}'."

    let private whole (configuration: IConfiguration) key fallback least most =
        match configuration[key] with
        | null -> Ok fallback
        | text ->
            match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, value when value >= least && value <= most -> Ok value
            | _ -> Error $"{key} must be a whole number from {least} to {most}, not '{text}'."

    let private oneOf (configuration: IConfiguration) key (fallback: 'choice) (choices: (string * 'choice) list) =
        match configuration[key] with
        | null -> Ok fallback
        | text ->
            match
                choices
                |> List.tryFind (fun (name, _) -> text.Equals(name, StringComparison.OrdinalIgnoreCase))
            with
            | Some(_, choice) -> Ok choice
            | None ->
                let names = choices |> List.map fst |> String.concat " or "
                Error $"{key} must be {names}, not '{text}'."

    let private texts (configuration: IConfiguration) (key: string) =
        let section = configuration.GetSection key

        [
            match section.Value with
            | null -> ()
            | text -> yield! text.Split(',', StringSplitOptions.RemoveEmptyEntries)

            for child in section.GetChildren() do
                match child.Value with
                | null -> ()
                | text -> text
        ]

    [<Literal>]
    let private NameScheme = "dns://"

    /// An address, or a name whose addresses are to be followed.
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
            RedisPlace.tryParse text
            |> Result.map Some
            |> Result.mapError (fun reason -> $"Registry:Redis: {reason}.")

    let private nameServer (configuration: IConfiguration) =
        match configuration["Discovery:Server"] with
        | null
        | "" -> Ok None
        | text ->
            match IPEndPoint.TryParse text with
            | true, NonNull server ->
                Ok(Some(IPEndPoint(server.Address, (if server.Port = 0 then 53 else server.Port))))
            | _ -> Error $"Discovery:Server must be a name server's IP address, with or without a port, not '{text}'."

    let private networks (configuration: IConfiguration) =
        if configuration.GetSection("Admin:AllowedNetworks").Exists() then
            texts configuration "Admin:AllowedNetworks"
            |> List.map AllowedNetworks.tryNetwork
        else
            List.map Ok AllowedNetworks.standard

    /// One of the page's samples, where they lie beside the program.
    let private sample =
        Path.Combine(AppContext.BaseDirectory, "samples", "traffic-light.png")

    let private probeImage (configuration: IConfiguration) =
        match configuration["Pool:ProbeImage"] with
        | null
        | "" -> Ok(Some sample |> Option.filter File.Exists)
        | path when File.Exists path -> Ok(Some path)
        | path -> Error $"Pool:ProbeImage must be a picture's file; there is none at '{path}'."

    // A node on any free port is another one next time, so nothing is remembered for it.
    let private registry (configuration: IConfiguration) =
        match configuration["Registry:Path"], configuration["Http:Port"] with
        | null, "0"
        | "", _ -> None
        | null, null -> Some "workers-9999.json"
        | null, port -> Some $"workers-{port}.json"
        | path, _ -> Some path

    /// Everything that is wrong, one sentence an option, or the settings.
    let read (configuration: IConfiguration) : Result<EngineSettings, string list> =
        let wrong = List<string>(unknown configuration)

        let orElse fallback result =
            result
            |> Result.defaultWith (fun message ->
                wrong.Add message
                fallback)

        let seconds key fallback least most =
            seconds configuration key fallback least most |> orElse TimeSpan.Zero

        let whole key fallback least most =
            whole configuration key fallback least most |> orElse fallback

        let first = seconds "Pool:FirstRetrySeconds" 5.0 0.01 3600.0

        let workers =
            texts configuration "Workers"
            |> List.choose (fun text -> worker text |> Result.map Some |> orElse None)
            |> List.distinct

        let these names =
            [
                for struct (isName, address) in workers do
                    if isName = names then
                        address
            ]

        let settings =
            {
                Workers = these false
                Policy =
                    {
                        Turns =
                            oneOf
                                configuration
                                "Pool:Policy"
                                Turns.RoundRobin
                                [ for turns in Enum.GetValues<Turns>() -> string turns, turns ]
                            |> orElse Turns.RoundRobin
                        InFlight = whole "Pool:InFlight" 8 1 10_000
                        FirstRetry = first
                        LongestRetry = seconds "Pool:LongestRetrySeconds" 300.0 first.TotalSeconds 86_400.0
                        OnFailure =
                            oneOf
                                configuration
                                "Pool:OnFailure"
                                OnFailure.Eject
                                [ "Eject", OnFailure.Eject; "Remove", OnFailure.Remove ]
                            |> orElse OnFailure.Eject
                    }
                Queue = whole "Pool:Queue" 64 0 100_000
                MaxAttempts = whole "Pool:MaxAttempts" 3 1 100
                Request = seconds "Pool:RequestSeconds" 20.0 0.1 3600.0
                CheckEvery = seconds "Pool:CheckSeconds" 10.0 0.0 3600.0
                CheckWithin = seconds "Pool:CheckDeadlineSeconds" 3.0 0.1 60.0
                ProbeImage = probeImage configuration |> orElse None
                Model =
                    configuration["Pool:Model"]
                    |> Option.ofObj
                    |> Option.defaultValue "squeezenet1_1"
                Client =
                    {
                        Connect = seconds "Client:ConnectSeconds" 1.0 0.01 60.0
                        Exchange = seconds "Client:ExchangeSeconds" 10.0 0.1 600.0
                        Silence = seconds "Client:SilenceSeconds" 5.0 0.1 600.0
                        Manner =
                            oneOf
                                configuration
                                "Client:Exchange"
                                Manner.Extended
                                [ "Extended", Manner.Extended; "Plain", Manner.Plain ]
                            |> orElse Manner.Extended
                        IdleConnections = whole "Client:IdleConnections" 8 0 10_000
                        Idle = seconds "Client:IdleSeconds" 30.0 0.1 3600.0
                        // Room for a thousand classes with their maps.
                        Limits =
                            { Limits.Standard with
                                MaxResult = 512 * 1024
                            }
                        Allowed =
                            {
                                Networks = networks configuration |> List.choose (Result.map Some >> orElse None)
                                Trusted = these false
                            }
                        Tls =
                            ClientTls.read configuration TimeProvider.System
                            |> Result.defaultWith (fun messages ->
                                wrong.AddRange messages

                                {
                                    Authorities = Authorities.OfMachine
                                    Identity = None
                                })
                    }
                Registry = registry configuration
                Redis = redis configuration |> orElse None
                Names = these true
                NameServer = nameServer configuration |> orElse None
            }

        if wrong.Count = 0 then
            Ok settings
        else
            Error(List.ofSeq wrong)
