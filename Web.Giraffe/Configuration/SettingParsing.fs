namespace Web.Giraffe

open System
open System.Net
open Transport.Settings

/// Parses settings whose types .NET's configuration does not have. Errors go to the reader.
[<RequireQualifiedAccess>]
module SettingParsing =

    /// Returns the value, or adds the error and returns `fallback`.
    let orElse (reader: OptionsReader) (fallback: 'value) (result: Result<'value, string>) =
        result
        |> Result.defaultWith (fun error ->
            reader.Add error
            fallback)

    /// Returns the valid values.
    let each (reader: OptionsReader) (results: Result<'value, string> seq) =
        results
        |> Seq.map (Result.map Some >> orElse reader None)
        |> Seq.choose id
        |> List.ofSeq

    /// Parses the IP address to listen on; none means all addresses.
    let address (reader: OptionsReader) (path: string) (text: string | null) =
        match text with
        | null
        | ""
        | "*" -> None
        | "localhost" -> Some IPAddress.Loopback
        | text ->
            match IPAddress.TryParse text with
            | true, NonNull address -> Some address
            | _ ->
                reader.Add $"{path} must be an IP address, 'localhost' or '*', not '{text}'."
                None

    /// Treats an empty text as not set.
    let optional (text: string | null) =
        Option.ofObj text |> Option.filter (fun text -> text <> "")
