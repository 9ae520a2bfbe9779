namespace Web.Giraffe

open System
open System.Net
open Microsoft.Extensions.Configuration

/// The settings of the web node's HTTP half: addresses, limits and administration.
/// Read from .NET's configuration: command line over environment (`Upload__MaxBytes`) over appsettings.json.
type WebSettings =
    {
        /// `Http:Port`, 0 … 65535; 0 takes any free port. Default 9999.
        Port: int
        /// `Http:Address`, the IP address to listen on; none means all addresses.
        Address: IPAddress option
        /// `Http:MaxConnections`, 1 … 1,000,000. Default 10,000.
        MaxConnections: int64
        /// `Http:MaxConnectionsPerAddress`, 1 … 1,000,000, per IPv4 address or IPv6 /64 network. Default 1,000. Does
        /// not apply to loopback and trusted proxies, which stand for many clients.
        MaxConnectionsPerAddress: int64
        /// `Upload:MaxBytes`, the maximum picture size, 1 byte … 24 MiB, the limit of a worker.
        MaxUpload: int
        /// `Upload:MaxBuffered`, the maximum bytes of pictures in memory, at least `Upload:MaxBytes`. Default: a
        /// quarter of the memory available to the process, in its container or on the machine.
        MaxBuffered: int64
        /// `Upload:SilenceSeconds`, the longest pause in a body, 0.1 … 3,600; `Upload:DeadlineSeconds`, the longest
        /// time for a whole body, 1 … 86,400. Default 20 and 900.
        BodyTimes: BodyTimes
        /// `Upload:MaxFiles`, the maximum number of pictures per request, 1 … 1,000. Default 64.
        MaxFiles: int
        /// `Upload:MaxRequest`, the maximum size of a request with several pictures, in bytes; at least twice
        /// `Upload:MaxBytes`, up to 1 GiB. Default 256 MiB.
        MaxRequest: int64
        /// `Http:TrustedProxies`, the addresses and networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto`
        /// are trusted. Default: none.
        TrustedProxies: IPNetwork list
        /// `Admin:Token`; none: the token is in a file.
        AdminToken: string option
        /// `Admin:TokenFile`, the file with the token; created if it is missing.
        AdminTokenFile: string option
        /// The default token file, beside the file with the worker list.
        DefaultTokenFile: string
        /// `Admin:TrustLoopback`, whether callers on this machine may administer without a token. Default false.
        TrustLoopback: bool
        /// `Samples:Folder`, the folder with the page's sample pictures; default `samples` beside the program.
        SamplesFolder: string
        /// `Http:DrainSeconds`, how long the node still accepts requests after it reports not ready, 0 … 60.
        DrainDelay: TimeSpan
    }

[<RequireQualifiedAccess>]
module WebSettings =
    let private known =
        [
            "Http",
            [
                "Port"
                "Address"
                "MaxConnections"
                "MaxConnectionsPerAddress"
                "DrainSeconds"
                "TrustedProxies"
            ]
            "Upload",
            [
                "MaxBytes"
                "MaxBuffered"
                "SilenceSeconds"
                "DeadlineSeconds"
                "MaxFiles"
                "MaxRequest"
            ]
            // The workers half reads the networks.
            "Admin", [ "Token"; "TokenFile"; "TrustLoopback"; "AllowedNetworks" ]
            "Samples", [ "Folder" ]
        ]

    let private available () =
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes

    let private token (configuration: IConfiguration) : Result<string option, string> =
        match configuration["Admin:Token"] with
        | null -> Ok None
        | text when String.IsNullOrWhiteSpace text || text <> text.Trim() ->
            Error "Admin:Token must not be blank, nor begin or end with a blank: leave it out for no token."
        | text -> Ok(Some text)

    let private tokenFile (configuration: IConfiguration) : Result<string option, string> =
        match configuration["Admin:TokenFile"] with
        | null -> Ok None
        | text when String.IsNullOrWhiteSpace text ->
            Error "Admin:TokenFile must be a file's path: leave it out for the default."
        | _ when not (isNull configuration["Admin:Token"]) ->
            Error "Admin:TokenFile and Admin:Token are both set: leave one of them out."
        | path -> Ok(Some path)

    let private defaultTokenFile (configuration: IConfiguration) =
        match configuration["Registry:Path"] with
        | null
        | "" -> "admin-token"
        | path ->
            let folder = IO.Path.GetDirectoryName path |> Option.ofObj |> Option.defaultValue ""
            IO.Path.Combine(folder, "admin-token")

    /// Returns whether a proxy on this machine makes its callers look local.
    let private isProxyOnLoopback (settings: WebSettings) =
        settings.TrustLoopback
        && settings.TrustedProxies
           |> List.exists (fun network ->
               network.Contains IPAddress.Loopback || network.Contains IPAddress.IPv6Loopback)

    let private samples (configuration: IConfiguration) =
        match configuration["Samples:Folder"] with
        | null
        | "" -> IO.Path.Combine(AppContext.BaseDirectory, "samples")
        | folder -> IO.Path.GetFullPath folder

    /// Returns the settings, or one sentence per invalid option.
    let read (configuration: IConfiguration) : Result<WebSettings, string list> =
        let options = OptionReader(configuration, known)
        let upload = options.Whole("Upload:MaxBytes", 20L <<< 20, 1L, 24L <<< 20)

        let settings =
            {
                Port = options.Count("Http:Port", 9999, 0, 65535)
                Address = options.Address "Http:Address"
                MaxConnections = options.Whole("Http:MaxConnections", 10_000L, 1L, 1_000_000L)
                MaxConnectionsPerAddress = options.Whole("Http:MaxConnectionsPerAddress", 1000L, 1L, 1_000_000L)
                DrainDelay = TimeSpan.FromSeconds(float (options.Count("Http:DrainSeconds", 1, 0, 60)))
                MaxUpload = int upload
                MaxBuffered = options.Whole("Upload:MaxBuffered", max upload (available () / 4L), upload, 64L <<< 30)
                BodyTimes =
                    {
                        Silence = options.Seconds("Upload:SilenceSeconds", 20.0, 0.1, 3600.0)
                        Whole = options.Seconds("Upload:DeadlineSeconds", 900.0, 1.0, 86_400.0)
                    }
                MaxFiles = options.Count("Upload:MaxFiles", 64, 1, 1000)
                MaxRequest = options.Whole("Upload:MaxRequest", 256L <<< 20, 2L * upload, 1L <<< 30)
                TrustedProxies =
                    options.Texts "Http:TrustedProxies"
                    |> List.map (AllowedNetworks.tryNetwork "Http:TrustedProxies")
                    |> options.Each
                AdminToken = options.Take(None, token configuration)
                AdminTokenFile = options.Take(None, tokenFile configuration)
                DefaultTokenFile = defaultTokenFile configuration
                TrustLoopback = options.OneOf("Admin:TrustLoopback", false, [ "true", true; "false", false ])
                SamplesFolder = samples configuration
            }

        if isProxyOnLoopback settings then
            options.Take(
                (),
                Error
                    "Admin:TrustLoopback can't be true where Http:TrustedProxies names a loopback address: whoever comes through that proxy would look local."
            )

        options.Outcome settings
