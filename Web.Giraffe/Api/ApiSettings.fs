namespace Web.Giraffe.Api

open System.IO
open Microsoft.Extensions.Configuration
open Web.Giraffe

/// What the node's own page needs, where keys are set.
type PageAccess =
    /// Nothing: who can open the page can use it.
    | Open = 0
    /// A key, which the browser asks for.
    | Key = 1

/// The options `Api`; the keys themselves are read again and again by `ApiKeys`.
type ApiSettings =
    {
        /// `Api:KeysFile`, a file with a key on each line; lines that begin with `#` are comments.
        KeysFile: string option
        /// `Api:Page`.
        Page: PageAccess
        /// `Api:RequestsPerSecond`, pictures a second for each key or address, 0.01 … 100,000; 0, the default: no limit.
        Rate: float
        /// `Api:Burst`, how many may come at once, 1 … 1,000,000; by default what two seconds bring, at least 10.
        Burst: int
    }

[<RequireQualifiedAccess>]
module ApiSettings =
    let private keysFile (configuration: IConfiguration) =
        match configuration["Api:KeysFile"] with
        | null
        | "" -> Ok None
        | path when File.Exists path -> Ok(Some(Path.GetFullPath path))
        | path -> Error $"Api:KeysFile must be a file with a key on each line; there is none at '{path}'."

    /// Everything that is wrong, one sentence an option, or the settings.
    let read (configuration: IConfiguration) : Result<ApiSettings, string list> =
        let options =
            OptionReader(configuration, [ "Api", [ "Keys"; "KeysFile"; "Page"; "RequestsPerSecond"; "Burst" ] ])

        let isRate value =
            value = 0.0 || value >= 0.01 && value <= 100_000.0

        let rate =
            options.Number("Api:RequestsPerSecond", 0.0, isRate, "a number from 0.01 to 100000, or 0 for no limit")

        options.Outcome
            {
                KeysFile = options.Take(None, keysFile configuration)
                Page = options.OneOf("Api:Page", PageAccess.Open, [ "open", PageAccess.Open; "key", PageAccess.Key ])
                Rate = rate
                Burst = options.Count("Api:Burst", max 10 (int (ceil (2.0 * rate))), 1, 1_000_000)
            }
