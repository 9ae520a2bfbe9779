namespace Web.Giraffe

open System
open System.ComponentModel
open System.ComponentModel.DataAnnotations
open System.IO
open System.Net
open Node.Hosting.Settings

/// The section `Http`.
type HttpOptions() =
    [<Description "Port of the page and the API; 0 for any free port"; Range(0, 65535)>]
    member val Port = 9999 with get, set

    [<Description "IP address to listen on, localhost, or * for all [default: *]">]
    member val Address: string | null = null with get, set

    // Optional: a second node on the same machine runs without gRPC unless a port is set.
    [<Description "Port of the Open Inference Protocol over gRPC, HTTP/2 without TLS; 0 for none [default: 8001 if it is free]";
      Range(0, 65535)>]
    member val GrpcPort = Nullable<int>() with get, set

    [<Description "Path prefix under which a proxy publishes the node, such as /app [default: none]">]
    member val PathBase: string | null = null with get, set

    [<Description "Maximum concurrent connections"; Range(1, 1_000_000)>]
    member val MaxConnections = 10_000L with get, set

    // Does not apply to loopback and trusted proxies, which stand for many clients.
    [<Description "Maximum concurrent connections per address, or per /64 network of IPv6"; Range(1, 1_000_000)>]
    member val MaxConnectionsPerAddress = 1000L with get, set

    [<Description "Seconds for which the node still accepts requests after it reports not ready, during shutdown";
      Range(0, 60)>]
    member val DrainSeconds = 1 with get, set

    [<Description "Whether the node reports ready only while a worker is active">]
    member val ReadyNeedsWorker = false with get, set

    [<Description "Addresses and networks of trusted proxies, whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Prefix headers apply">]
    member val TrustedProxies: string[] = [||] with get, set

    [<Description "Networks from which the page may fetch pictures by URL: public, or networks such as 10.0.0.0/8 [default: none]">]
    member val FetchNetworks: string[] = [||] with get, set

/// The section `Upload`.
type UploadOptions() =
    // The limit of a worker.
    [<Description "Maximum size of a picture in bytes"; Range(1, 25165824)>]
    member val MaxBytes = 20L <<< 20 with get, set

    [<Description "Maximum pictures per request"; Range(1, 1000)>]
    member val MaxFiles = 64 with get, set

    [<Description "Maximum size of a request with several pictures in bytes; at least twice Upload:MaxBytes, at most 1 GiB">]
    member val MaxRequest = 256L <<< 20 with get, set

    [<Description "Maximum bytes of uploads in memory; at least Upload:MaxBytes [default: a quarter of the memory]">]
    member val MaxBuffered = Nullable<int64>() with get, set

    [<Description "Maximum pause within a request body in seconds"; Range(0.1, 3600.0)>]
    member val SilenceSeconds = 20.0 with get, set

    [<Description "Timeout of a request body in seconds"; Range(1.0, 86400.0)>]
    member val DeadlineSeconds = 900.0 with get, set

/// The section `Admin`.
type AdminOptions() =
    [<Description "File with the administrator token; created if missing [default: admin-token, beside Registry:Path]">]
    member val TokenFile: string | null = null with get, set

    [<Description "The administrator token, instead of a file">]
    member val Token: string | null = null with get, set

    [<Description "Whether clients on this machine may administer without a token; never use it behind a proxy">]
    member val TrustLoopback = false with get, set

    [<Description "Networks in which workers may be added at run time; does not apply to --worker [default: loopback and private networks]">]
    member val AllowedNetworks: string[] | null = null with get, set

/// The section `Cache`.
type CacheOptions() =
    [<Description "Maximum bytes of cached answers; 0 disables the cache"; Range(0.0, 68719476736.0)>]
    member val MaxBytes = 64L <<< 20 with get, set

/// The section `Samples`.
type SamplesOptions() =
    [<Description "Folder of the page's sample pictures [default: samples, beside the program]">]
    member val Folder: string | null = null with get, set

/// The settings of the web node's HTTP half: addresses, limits and administration.
type WebSettings =
    {
        Port: int
        Address: ListenAddress
        /// The gRPC port; 0 disables gRPC, and None selects the default port if it is free.
        GrpcPort: int option
        /// The path below which a proxy publishes the node, without a slash at its end.
        PathBase: string option
        MaxConnections: int64
        MaxConnectionsPerAddress: int64
        MaxUpload: int
        MaxBuffered: int64
        BodyTimes: BodyTimes
        MaxFiles: int
        MaxRequest: int64
        TrustedProxies: IPNetwork list
        /// Whether the node is ready only while a worker answers.
        ReadyNeedsWorker: bool
        FetchNetworks: FetchNetworks
        /// None: the token is in a file.
        AdminToken: string option
        AdminTokenFile: string option
        /// The default token file, beside the file with the worker list.
        DefaultTokenFile: string
        TrustLoopback: bool
        SamplesFolder: string
        /// The bytes of the response cache; 0 for none.
        CacheBytes: int64
        /// How long the node still accepts requests after it reports not ready.
        DrainDelay: TimeSpan
    }

[<RequireQualifiedAccess>]
module WebSettings =
    let private token (admin: AdminOptions) : Result<string option, string> =
        match admin.Token with
        | NonNull text when String.IsNullOrWhiteSpace text || text <> text.Trim() ->
            Error "Admin:Token must not be blank, nor begin or end with a blank: leave it out for no token."
        | token -> Ok(Option.ofObj token)

    let private tokenFile (admin: AdminOptions) : Result<string option, string> =
        match admin.TokenFile with
        | NonNull text when String.IsNullOrWhiteSpace text ->
            Error "Admin:TokenFile must be the path of a file: leave it out for the default."
        | NonNull _ when not (isNull admin.Token) ->
            Error "Admin:TokenFile and Admin:Token are both set: leave one of them out."
        | path -> Ok(Option.ofObj path)

    let private defaultTokenFile (registryPath: string | null) =
        match registryPath with
        | null
        | "" -> "admin-token"
        | path -> Path.Combine(Path.GetDirectoryName path |> Option.ofObj |> Option.defaultValue "", "admin-token")

    /// Returns whether a proxy on this machine makes its callers look local.
    let private isProxyOnLoopback (settings: WebSettings) =
        settings.TrustLoopback
        && settings.TrustedProxies
           |> List.exists (fun network ->
               network.Contains IPAddress.Loopback || network.Contains IPAddress.IPv6Loopback)

    let private pathBase (path: string | null) : Result<string option, string> =
        match SettingParsing.optional path |> Option.map _.TrimEnd('/') with
        | None
        | Some "" -> Ok None
        | Some path when BasePath.isValid path -> Ok(Some path)
        | Some path ->
            Error
                $"Http:PathBase must be a path such as /app, of letters, digits and -._~ between its slashes, not '{path}'."

    let private samples (folder: string | null) =
        match SettingParsing.optional folder with
        | None -> Path.Combine(AppContext.BaseDirectory, "samples")
        | Some folder -> Path.GetFullPath folder

    let private sizes (reader: OptionsReader) (upload: UploadOptions) =
        let buffered =
            max upload.MaxBytes (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4L)
            |> upload.MaxBuffered.GetValueOrDefault

        if buffered < upload.MaxBytes || buffered > (64L <<< 30) then
            reader.Add
                $"Upload:MaxBuffered must be a whole number from {upload.MaxBytes} (Upload:MaxBytes) to {64L <<< 30}, not '{buffered}'."

        if upload.MaxRequest < 2L * upload.MaxBytes || upload.MaxRequest > (1L <<< 30) then
            reader.Add
                $"Upload:MaxRequest must be a whole number from {2L * upload.MaxBytes} (twice Upload:MaxBytes) to {1L <<< 30}, not '{upload.MaxRequest}'."

        buffered

    /// Reads the settings; `reader` collects the errors.
    let read
        (reader: OptionsReader)
        (http: HttpOptions)
        (admin: AdminOptions)
        (registryPath: string | null)
        : WebSettings =
        let upload = reader.Bind<UploadOptions> "Upload"
        let samplesOptions = reader.Bind<SamplesOptions> "Samples"
        let cache = reader.Bind<CacheOptions> "Cache"

        let settings =
            {
                Port = http.Port
                ReadyNeedsWorker = http.ReadyNeedsWorker
                Address = SettingParsing.address reader "Http:Address" http.Address
                GrpcPort = Option.ofNullable http.GrpcPort
                PathBase = pathBase http.PathBase |> SettingParsing.orElse reader None
                MaxConnections = http.MaxConnections
                MaxConnectionsPerAddress = http.MaxConnectionsPerAddress
                DrainDelay = TimeSpan.FromSeconds(float http.DrainSeconds)
                MaxUpload = int upload.MaxBytes
                MaxBuffered = sizes reader upload
                BodyTimes =
                    {
                        Silence = TimeSpan.FromSeconds upload.SilenceSeconds
                        Whole = TimeSpan.FromSeconds upload.DeadlineSeconds
                    }
                MaxFiles = upload.MaxFiles
                MaxRequest = upload.MaxRequest
                TrustedProxies =
                    http.TrustedProxies
                    |> Seq.map (AllowedNetworks.tryNetwork "Http:TrustedProxies")
                    |> SettingParsing.each reader
                FetchNetworks =
                    FetchNetworks.parse http.FetchNetworks
                    |> SettingParsing.orElse
                        reader
                        {
                            IsPublicAllowed = false
                            Networks = []
                        }
                AdminToken = token admin |> SettingParsing.orElse reader None
                AdminTokenFile = tokenFile admin |> SettingParsing.orElse reader None
                DefaultTokenFile = defaultTokenFile registryPath
                TrustLoopback = admin.TrustLoopback
                SamplesFolder = samples samplesOptions.Folder
                CacheBytes = cache.MaxBytes
            }

        if http.Port <> 0 && http.GrpcPort = Nullable http.Port then
            reader.Add
                $"Http:GrpcPort must be another one than the page's (Http:Port, --port), which is {http.Port}: without TLS a port speaks HTTP/1.1 or HTTP/2."

        if isProxyOnLoopback settings then
            reader.Add
                "Admin:TrustLoopback must be false if Http:TrustedProxies contains a loopback address: all clients of that proxy would count as local."

        settings
