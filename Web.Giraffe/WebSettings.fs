namespace Web.Giraffe

open System
open System.Globalization
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
        /// `Upload:MaxBytes`, the longest picture that is taken, 1 byte … 24 MiB, which is what a worker takes.
        MaxUpload: int
        /// `Upload:MaxBuffered`, bytes of pictures held at one time, at least `Upload:MaxBytes`. Default 512 MiB.
        MaxBuffered: int64
        /// `Upload:MaxFiles`, the most pictures of one request, 1 … 1,000. Default 64.
        MaxFiles: int
        /// `Upload:MaxRequest`, the longest request that holds several pictures, in bytes; at least twice
        /// `Upload:MaxBytes`, up to 1 GiB. Default 256 MiB.
        MaxRequest: int64
        /// `Admin:Token`; none: only callers on this machine may administer.
        AdminToken: string option
        /// `Samples:Folder`, where the page's sample pictures lie; default `samples` beside the program.
        SamplesFolder: string
        /// `Http:DrainSeconds`, how long the node still takes requests after it said that it is not ready, 0 … 60.
        DrainDelay: TimeSpan
    }

[<RequireQualifiedAccess>]
module WebSettings =
    let private known =
        dict
            [
                "Http", [ "Port"; "Address"; "MaxConnections"; "DrainSeconds" ]
                "Upload", [ "MaxBytes"; "MaxBuffered"; "MaxFiles"; "MaxRequest" ]
                // The networks are the engine's to read.
                "Admin", [ "Token"; "AllowedNetworks" ]
                "Samples", [ "Folder" ]
            ]

    let private unknown (configuration: IConfiguration) =
        [
            for KeyValue(section, keys) in known do
                for child in configuration.GetSection(section).GetChildren() do
                    if
                        not (
                            keys
                            |> List.exists (fun key -> key.Equals(child.Key, StringComparison.OrdinalIgnoreCase))
                        )
                    then
                        let options = String.Join(", ", keys)
                        $"{section}:{child.Key} is no option; {section} has {options}."
        ]

    let private whole (configuration: IConfiguration) key fallback least most : Result<int64, string> =
        match configuration[key] with
        | null -> Ok fallback
        | text ->
            match Int64.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
            | true, value when value >= least && value <= most -> Ok value
            | _ -> Error $"{key} must be a whole number from {least} to {most}, not '{text}'."

    let private address (configuration: IConfiguration) : Result<IPAddress option, string> =
        match configuration["Http:Address"] with
        | null
        | ""
        | "*" -> Ok None
        | "localhost" -> Ok(Some IPAddress.Loopback)
        | text ->
            match IPAddress.TryParse text with
            | true, NonNull address -> Ok(Some address)
            | _ -> Error $"Http:Address must be an IP address, 'localhost' or '*', not '{text}'."

    let private token (configuration: IConfiguration) : Result<string option, string> =
        match configuration["Admin:Token"] with
        | null -> Ok None
        | text when String.IsNullOrWhiteSpace text || text <> text.Trim() ->
            Error "Admin:Token must not be blank, nor begin or end with a blank: leave it out for no token."
        | text -> Ok(Some text)

    let private samples (configuration: IConfiguration) =
        match configuration["Samples:Folder"] with
        | null
        | "" -> IO.Path.Combine(AppContext.BaseDirectory, "samples")
        | folder -> IO.Path.GetFullPath folder

    /// Everything that is wrong, one sentence an option, or the settings.
    let read (configuration: IConfiguration) : Result<WebSettings, string list> =
        let wrong = ResizeArray(unknown configuration)

        let orElse fallback result =
            result
            |> Result.defaultWith (fun message ->
                wrong.Add message
                fallback)

        let whole key fallback least most =
            whole configuration key fallback least most |> orElse fallback

        let upload = whole "Upload:MaxBytes" (20L <<< 20) 1L (24L <<< 20)

        let settings =
            {
                Port = int (whole "Http:Port" 9999L 0L 65535L)
                Address = address configuration |> orElse None
                MaxConnections = whole "Http:MaxConnections" 10_000L 1L 1_000_000L
                DrainDelay = TimeSpan.FromSeconds(float (whole "Http:DrainSeconds" 1L 0L 60L))
                MaxUpload = int upload
                MaxBuffered = whole "Upload:MaxBuffered" (512L <<< 20) upload (64L <<< 30)
                MaxFiles = int (whole "Upload:MaxFiles" 64L 1L 1000L)
                MaxRequest = whole "Upload:MaxRequest" (256L <<< 20) (2L * upload) (1L <<< 30)
                AdminToken = token configuration |> orElse None
                SamplesFolder = samples configuration
            }

        if wrong.Count = 0 then
            Ok settings
        else
            Error(List.ofSeq wrong)
