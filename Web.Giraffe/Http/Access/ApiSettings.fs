namespace Web.Giraffe.Api

open System
open System.ComponentModel
open System.ComponentModel.DataAnnotations
open System.IO
open Node.Hosting.Settings
open Web.Giraffe

/// The section `Api`.
type ApiOptions() =
    [<Description "File with one API key per line, reloaded when it changes; without keys, the API is public">]
    member val KeysFile: string | null = null with get, set

    [<Description "API keys, instead of a file">]
    member val Keys: string[] | null = null with get, set

    [<Description "Whether the page requires an API key, if keys are configured"; AllowedValues("key", "open")>]
    member val Page = "key" with get, set

    [<Description "Maximum pictures per second, per key or address; 0 for no limit"; Range(0.0, 100_000.0)>]
    member val RequestsPerSecond = 0.0 with get, set

    [<Description "Maximum burst of pictures, per key or address; default: two seconds' pictures, at least 10";
      Range(1, 1_000_000)>]
    member val Burst = Nullable<int>() with get, set

    [<Description "Origins that may call the API from a browser (CORS), such as https://app.example.com; * for all [default: none]">]
    member val AllowedOrigins: string[] = [||] with get, set

/// The access that the node's own page requires if keys are configured.
[<RequireQualifiedAccess>]
type PageAccess =
    /// None: anyone who can open the page can use it.
    | Open
    /// A key: the page has a sign-in.
    | Key

/// The settings of keys and rate limits. `ApiKeys` reads the keys themselves, repeatedly.
type ApiSettings =
    {
        /// A file with a key on each line; lines that begin with `#` are comments.
        KeysFile: string option
        Page: PageAccess
        /// Pictures per second and key or address; 0: no limit.
        Rate: float
        /// The most pictures at once.
        Burst: int
        /// The origins whose pages may use the API; `*` for all.
        AllowedOrigins: string list
    }

[<RequireQualifiedAccess>]
module ApiSettings =
    let private keysFile (path: string | null) =
        match path with
        | null -> Ok None
        | text when String.IsNullOrWhiteSpace text ->
            Error "Api:KeysFile must be a file's path: leave it out for no file."
        | path ->
            match KeyFile.read path with
            | Ok _ -> Ok(Some(Path.GetFullPath path))
            | Error reason -> Error $"Api:KeysFile: {path} {reason}."

    /// Reads the settings; `reader` collects the errors.
    let read (reader: OptionsReader) : ApiSettings =
        let options = reader.Bind<ApiOptions> "Api"
        let rate = options.RequestsPerSecond

        if rate > 0.0 && rate < 0.01 then
            reader.Add $"Api:RequestsPerSecond must be a number from 0.01 to 100000, or 0 for no limit, not '{rate}'."

        // An empty list, as from an unset variable, must not open the service.
        if options.Keys = [||] then
            reader.Add "Api:Keys contains no key: remove the setting to allow everyone to send pictures."

        let origins = List.ofArray options.AllowedOrigins
        origins |> List.choose Cors.error |> List.iter reader.Add

        {
            AllowedOrigins = origins
            KeysFile = keysFile options.KeysFile |> SettingParsing.orElse reader None
            Page =
                if options.Page.Equals("open", StringComparison.OrdinalIgnoreCase) then
                    PageAccess.Open
                else
                    PageAccess.Key
            Rate = rate
            Burst = options.Burst.GetValueOrDefault(max 10 (int (ceil (2.0 * rate))))
        }
