namespace Web.Giraffe

/// The command line: `--port` and `--worker` for people, any option of the configuration by its name.
[<RequireQualifiedAccess>]
module CommandLine =
    type Parsed =
        | Help
        /// For .NET's configuration: `--Section:Key=value` each.
        | Run of arguments: string[]
        | Wrong of message: string

    let help =
        """The web node: a page and an API that show pictures to worker nodes.

  dotnet run -c Release --project Web.Giraffe -- [--port PORT] [--worker HOST:PORT]... [--OPTION=VALUE]...

  --port PORT             where the page is; 0 takes any free port                  [9999]
  --worker HOST:PORT      a worker to start with; as often as there are workers
  --help                  this text

  Options by their names in the configuration (in the environment: Upload__MaxBytes):

  --Http:Address=IP       the address to listen on: an IP address, localhost or *   [*]
  --Http:MaxConnections=N connections at one time                                   [10000]
  --Http:DrainSeconds=N   when told to stop: not ready, but still answering         [1]
  --Upload:MaxBytes=N     the longest picture, at most 25165824                     [20971520]
  --Upload:MaxBuffered=N  bytes of pictures held at one time                        [536870912]
  --Admin:Token=TEXT      whoever brings it may administer; without it only callers
                          on this machine
  --Samples:Folder=PATH   the page's sample pictures                 [samples, beside the program]
"""

    let private aliases = Map [ "--port", "Http:Port"; "-p", "Http:Port" ]

    /// The sections that someone reads; a mistyped option must not be passed over in silence.
    let private sections =
        set [ "http"; "upload"; "admin"; "samples"; "workers"; "pool"; "protocol"; "logging"; "kestrel"; "allowedhosts" ]

    let private isKnown (key: string) =
        sections.Contains(key.Split(':').[0].ToLowerInvariant())

    let parse (arguments: string list) : Parsed =
        let rec go workers (taken: string list) rest =
            match rest with
            | [] -> Run(Array.ofList (List.rev taken))
            | ("--help" | "-h" | "-?") :: _ -> Help
            | (argument: string) :: rest ->
                let name, value, rest =
                    match argument.IndexOf '=', rest with
                    | -1, [] -> argument, None, []
                    | -1, value :: rest -> argument, Some value, rest
                    | at, _ -> argument.Substring(0, at), Some(argument.Substring(at + 1)), rest

                match name, value with
                | _, _ when not (name.StartsWith '-') -> Wrong $"'{argument}' is no option. --help lists them."
                | _, None -> Wrong $"{name} wants a value."
                | "--worker", Some value -> go (workers + 1) ($"--Workers:{workers}={value}" :: taken) rest
                | _, Some value when aliases.ContainsKey name -> go workers ($"--{aliases[name]}={value}" :: taken) rest
                | _, Some value when name.StartsWith "--" && isKnown (name.Substring 2) ->
                    go workers ($"{name}={value}" :: taken) rest
                | _ -> Wrong $"There is no option {name}. --help lists them."

        go 0 [] arguments
