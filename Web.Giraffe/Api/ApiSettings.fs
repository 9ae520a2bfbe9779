namespace Web.Giraffe.Api

open System
open System.Globalization
open System.IO
open Microsoft.Extensions.Configuration

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
    let private known = [ "Keys"; "KeysFile"; "Page"; "RequestsPerSecond"; "Burst" ]

    let private unknown (configuration: IConfiguration) =
        [
            for child in configuration.GetSection("Api").GetChildren() do
                if
                    not (
                        known
                        |> List.exists (fun key -> key.Equals(child.Key, StringComparison.OrdinalIgnoreCase))
                    )
                then
                    let options = String.Join(", ", known)
                    $"Api:{child.Key} is no option; Api has {options}."
        ]

    let private keysFile (configuration: IConfiguration) =
        match configuration["Api:KeysFile"] with
        | null
        | "" -> Ok None
        | path when File.Exists path -> Ok(Some(Path.GetFullPath path))
        | path -> Error $"Api:KeysFile must be a file with a key on each line; there is none at '{path}'."

    let private page (configuration: IConfiguration) =
        match configuration["Api:Page"] with
        | null -> Ok PageAccess.Open
        | text when text.Equals("open", StringComparison.OrdinalIgnoreCase) -> Ok PageAccess.Open
        | text when text.Equals("key", StringComparison.OrdinalIgnoreCase) -> Ok PageAccess.Key
        | text -> Error $"Api:Page must be open or key, not '{text}'."

    let private rate (configuration: IConfiguration) =
        match configuration["Api:RequestsPerSecond"] with
        | null -> Ok 0.0
        | text ->
            match Double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) with
            | true, value when value = 0.0 || value >= 0.01 && value <= 100_000.0 -> Ok value
            | _ -> Error $"Api:RequestsPerSecond must be a number from 0.01 to 100000, or 0 for no limit, not '{text}'."

    let private burst (configuration: IConfiguration) (rate: float) =
        match configuration["Api:Burst"] with
        | null -> Ok(max 10 (int (ceil (2.0 * rate))))
        | text ->
            match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, value when value >= 1 && value <= 1_000_000 -> Ok value
            | _ -> Error $"Api:Burst must be a whole number from 1 to 1000000, not '{text}'."

    /// Everything that is wrong, one sentence an option, or the settings.
    let read (configuration: IConfiguration) : Result<ApiSettings, string list> =
        let wrong = ResizeArray(unknown configuration)

        let orElse fallback result =
            result
            |> Result.defaultWith (fun message ->
                wrong.Add message
                fallback)

        let rate = rate configuration |> orElse 0.0

        let settings =
            {
                KeysFile = keysFile configuration |> orElse None
                Page = page configuration |> orElse PageAccess.Open
                Rate = rate
                Burst = burst configuration rate |> orElse 10
            }

        if wrong.Count = 0 then
            Ok settings
        else
            Error(List.ofSeq wrong)
