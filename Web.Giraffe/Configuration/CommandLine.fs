namespace Web.Giraffe

/// Parses the command line: `--port` and `--worker` as short forms, and any option of the configuration by its name.
[<RequireQualifiedAccess>]
module CommandLine =
    type Parsed =
        | Help
        /// Arguments for .NET's configuration: `--Section:Key=value` each.
        | Run of arguments: string[]
        | Wrong of message: string

    let help =
        """The web node: a page and an API that show pictures to worker nodes.

  dotnet run -c Release --project Web.Giraffe -- [--port PORT] [--worker HOST:PORT]... [--OPTION=VALUE]...

  --port PORT             where the page is; 0 takes any free port                  [9999]
  --worker HOST:PORT      a worker to start with; as often as there are workers;
                          tls://HOST:PORT is one that speaks TLS, and
                          dns://NAME:PORT follows all addresses of a name
  --help                  this text

  Options by their names in the configuration (in the environment: Upload__MaxBytes):

  --Http:Address=IP       the address to listen on: an IP address, localhost or *   [*]
  --Http:MaxConnections=N connections at one time                                   [10000]
  --Http:DrainSeconds=N   on shutdown: not ready, but still answering               [1]
  --Upload:MaxBytes=N     the longest picture, at most 25165824                     [20971520]
  --Upload:MaxFiles=N     pictures in one request                                   [64]
  --Upload:MaxRequest=N   the longest request that holds several                    [268435456]
  --Upload:MaxBuffered=N  bytes of uploads held at once              [a quarter of the memory]
  --Http:TrustedProxies=LIST
                          addresses and networks of proxies in front, whose
                          X-Forwarded-For and X-Forwarded-Proto are trusted        [none]
  --Admin:TokenFile=FILE  holds the token that administrators send; made where it is
                          missing                [admin-token, beside --Registry:Path]
  --Admin:Token=TEXT      the token itself; on a command line others can read it:
                          set Admin__Token in the environment, or use the file
  --Admin:TrustLoopback=BOOL
                          callers on this machine need no token; never behind a proxy
                                                                                    [false]
  --Admin:AllowedNetworks=LIST
                          networks of workers that are added while it runs;
                          those of --worker may be in any
                                      [127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,
                                       192.168.0.0/16,fc00::/7]
  --Api:KeysFile=FILE     one API key per line; without keys the API is open to all.
                          Reloaded when it changes
  --Api:Keys=KEY,KEY      the same; on a command line others can read them: set
                          Api__Keys in the environment, or use the file
  --Api:Page=WHAT         where keys are set, the page: key (it asks for one), or open [key]
  --Api:RequestsPerSecond=N, --Api:Burst=N
                          pictures for each key or address; 0: no limit             [0, 2 s' worth]
  --Samples:Folder=PATH   the page's sample pictures            [samples, beside the program]

  --Metrics:Port=N        a port that serves /metrics to anyone who can reach it; without
                          it /metrics is on the page's port, for administrators
  --Metrics:Address=IP    the address of that port                                  [*]

  Talking to the workers (README and docs say more):

  --Pool:InFlight=N       pictures at one time for each worker                      [8]
  --Pool:Queue=N          requests that wait while every worker is full             [64]
  --Pool:MaxAttempts=N    workers that one request is sent to                       [3]
  --Pool:RequestSeconds=S one request's whole time                                  [20]
  --Pool:Policy=WHAT      load balancing: RoundRobin, LeastInFlight or PowerOfTwoChoices
                                                                                    [RoundRobin]
  --Pool:OnFailure=WHAT   a worker that fails: Eject (tried again) or Remove        [Eject]
  --Pool:CheckSeconds=S   how often a worker is checked; 0: never                   [10]
  --Client:ConnectSeconds=S, --Client:ExchangeSeconds=S
                          deadlines for one worker                                  [1, 10]
  --Client:TlsCa=FILE     PEM: certificate authorities trusted for workers [the machine's]
  --Client:TlsCertificate=FILE, --Client:TlsKey=FILE
                          PEM: the client certificate for workers that require one
  --Registry:Path=FILE    keeps the worker list across restarts; empty: not kept
                                                                  [workers-PORT.json]
  --Registry:Redis=[redis://[USER:PASSWORD@]]HOST[:PORT]
                          several web nodes share their workers there, in place of the file
  --Discovery:Server=IP[:PORT]
                          the name server that dns:// names are asked of            [the machine's]
"""

    let private aliases = Map [ "--port", "Http:Port"; "-p", "Http:Port" ]

    /// The known sections; their readers check the options. Otherwise a mistyped section would be ignored.
    let private sections =
        set
            [
                "http"
                "upload"
                "admin"
                "api"
                "samples"
                "workers"
                "pool"
                "client"
                "registry"
                "discovery"
                "metrics"
                "logging"
                "kestrel"
                "allowedhosts"
            ]

    let private isKnown (key: string) =
        sections.Contains(key.Split(':').[0].ToLowerInvariant())

    let private split (argument: string) (rest: string list) =
        match argument.IndexOf '=', rest with
        | -1, [] -> argument, None, []
        | -1, value :: rest -> argument, Some value, rest
        | at, _ -> argument.Substring(0, at), Some(argument.Substring(at + 1)), rest

    /// Joins the repeated `--worker` options with commas, since a configuration option has one value.
    let private finish (workers: string list) (taken: string list) =
        match workers with
        | [] -> Run(Array.ofList (List.rev taken))
        | workers ->
            let list = String.concat "," (List.rev workers)
            Run(Array.ofList (List.rev ($"--Workers={list}" :: taken)))

    let parse (arguments: string list) : Parsed =
        let rec go workers (taken: string list) rest =
            match rest with
            | [] -> finish workers taken
            | ("--help" | "-h" | "-?") :: _ -> Help
            | (argument: string) :: _ when not (argument.StartsWith '-') ->
                Wrong $"'{argument}' is no option. --help lists them."
            | argument :: rest ->
                match split argument rest with
                | name, None, _ -> Wrong $"{name} wants a value. --help lists the options."
                | "--worker", Some value, rest -> go (value :: workers) taken rest
                | name, Some value, rest when aliases.ContainsKey name ->
                    go workers ($"--{aliases[name]}={value}" :: taken) rest
                | name, Some value, rest when name.StartsWith "--" && isKnown (name.Substring 2) ->
                    go workers ($"{name}={value}" :: taken) rest
                | name, _, _ -> Wrong $"There is no option {name}. --help lists them."

        go [] [] arguments
