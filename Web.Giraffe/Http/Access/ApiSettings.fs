namespace Web.Giraffe.Api

open System
open System.IO
open Microsoft.Extensions.Configuration
open Web.Giraffe

/// The access that the node's own page requires if keys are configured.
type PageAccess =
    /// None: anyone who can open the page can use it.
    | Open = 0
    /// A key: the page has a sign-in.
    | Key = 1

/// The options `Api`. `ApiKeys` reads the keys themselves, repeatedly.
type ApiSettings =
    {
        /// `Api:KeysFile`, a file with a key on each line; lines that begin with `#` are comments.
        KeysFile: string option
        /// `Api:Page`. Default `key`.
        Page: PageAccess
        /// `Api:RequestsPerSecond`: pictures per second and key or address, 0.01 … 100,000; 0, the default: no limit.
        Rate: float
        /// `Api:Burst`: the most pictures at once, 1 … 1,000,000. Default: those of two seconds, at least 10.
        Burst: int
    }

[<RequireQualifiedAccess>]
module ApiSettings =
    let private keysFile (configuration: IConfiguration) =
        match configuration["Api:KeysFile"] with
        | null -> Ok None
        | text when String.IsNullOrWhiteSpace text ->
            Error "Api:KeysFile must be a file's path: leave it out for no file."
        | path ->
            match KeyFile.read path with
            | Ok _ -> Ok(Some(Path.GetFullPath path))
            | Error reason -> Error $"Api:KeysFile: {path} {reason}."

    /// Rejects an empty list, as from an unset variable: it must not open the service.
    let private keys (configuration: IConfiguration) =
        if
            configuration.GetSection("Api:Keys").Exists()
            && ApiKeys.configured(configuration).IsEmpty
        then
            Error "Api:Keys holds no key: leave it out where anybody may ask."
        else
            Ok()

    /// Returns the settings, or all errors, one sentence per option.
    let read (configuration: IConfiguration) : Result<ApiSettings, string list> =
        let options =
            OptionReader(configuration, [ "Api", [ "Keys"; "KeysFile"; "Page"; "RequestsPerSecond"; "Burst" ] ])

        let isRate value =
            value = 0.0 || value >= 0.01 && value <= 100_000.0

        let rate =
            options.Number("Api:RequestsPerSecond", 0.0, isRate, "a number from 0.01 to 100000, or 0 for no limit")

        options.Take((), keys configuration)

        options.Outcome
            {
                KeysFile = options.Take(None, keysFile configuration)
                Page = options.OneOf("Api:Page", PageAccess.Key, [ "open", PageAccess.Open; "key", PageAccess.Key ])
                Rate = rate
                Burst = options.Count("Api:Burst", max 10 (int (ceil (2.0 * rate))), 1, 1_000_000)
            }
