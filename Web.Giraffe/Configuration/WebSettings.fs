namespace Web.Giraffe

open System
open System.Net
open Microsoft.Extensions.Configuration

/// What the web node's own half is told: where it listens, what it takes, who may administer it.
/// Read from .NET's configuration: command line over environment (`Upload__MaxBytes`) over appsettings.json.
type WebSettings =
    {
        /// `Http:Port`, 0 … 65535; 0 takes any free port. Default 9999.
        Port: int
        /// `Http:Address`, the IP address to listen on; none: every one of the machine's.
        Address: IPAddress option
        /// `Http:MaxConnections`, 1 … 1,000,000. Default 10,000.
        MaxConnections: int64
        /// `Http:MaxConnectionsPerAddress`, 1 … 1,000,000: of one address, or one /64 network of IPv6. Default 1,000. Not for
        /// loopback and trusted proxies, which stand for many clients.
        MaxConnectionsPerAddress: int64
        /// `Upload:MaxBytes`, the longest picture that is taken, 1 byte … 24 MiB, which is what a worker takes.
        MaxUpload: int
        /// `Upload:MaxBuffered`, bytes of pictures held at one time, at least `Upload:MaxBytes`. Default: a quarter of the
        /// memory that the process may use, its container's or the machine's.
        MaxBuffered: int64
        /// `Upload:SilenceSeconds`, how long a body may pause, 0.1 … 3,600; `Upload:DeadlineSeconds`, how long it may take
        /// altogether, 1 … 86,400. Default 20 and 900.
        BodyTimes: BodyTimes
        /// `Upload:MaxFiles`, the most pictures of one request, 1 … 1,000. Default 64.
        MaxFiles: int
        /// `Upload:MaxRequest`, the longest request that holds several pictures, in bytes; at least twice
        /// `Upload:MaxBytes`, up to 1 GiB. Default 256 MiB.
        MaxRequest: int64
        /// `Http:TrustedProxies`, the addresses and networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto`
        /// are believed. Default: none.
        TrustedProxies: IPNetwork list
        /// `Admin:Token`; none: the token is in a file.
        AdminToken: string option
        /// `Admin:TokenFile`, the file with the token; made where it is missing.
        AdminTokenFile: string option
        /// The token's file where none is configured: beside the file that remembers the workers.
        DefaultTokenFile: string
        /// `Admin:TrustLoopback`, whether callers on this machine may administer without a token. Default false.
        TrustLoopback: bool
        /// `Samples:Folder`, where the page's sample pictures lie; default `samples` beside the program.
        SamplesFolder: string
        /// `Http:DrainSeconds`, how long the node still takes requests after it said that it is not ready, 0 … 60.
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
            // The networks are the engine's to read.
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

    /// A proxy on this machine makes its callers look local.
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

    /// Everything that is wrong, one sentence an option, or the settings.
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
