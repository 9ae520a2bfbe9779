namespace Web.Giraffe

open System
open System.Net
open Node.Hosting.Settings

/// The addresses of this machine that a port listens on.
type ListenAddress =
    | AnyAddress
    /// Both loopback addresses; only that of IPv4 on a machine without IPv6.
    | Localhost
    | OneAddress of IPAddress

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

    /// Parses the address to listen on.
    let tryAddress (text: string | null) =
        match text, IPAddress.TryParse text with
        | (null | "" | "*"), _ -> Some AnyAddress
        | "localhost", _ -> Some Localhost
        | _, (true, NonNull address) -> Some(OneAddress address)
        | _ -> None

    /// Parses the address to listen on, or adds an error.
    let address (reader: OptionsReader) (path: string) (text: string | null) =
        tryAddress text
        |> Option.defaultWith (fun () ->
            reader.Add $"{path} must be an IP address, 'localhost' or '*', not '{text}'."
            AnyAddress)

    /// Treats an empty text as not set.
    let optional (text: string | null) =
        Option.ofObj text |> Option.filter (fun text -> text <> "")

    /// Parses a text that may not be set, or adds the error.
    let parseOptional (reader: OptionsReader) (parse: string -> Result<'value, string>) (text: string | null) =
        optional text
        |> Option.bind (fun text -> parse text |> Result.map Some |> orElse reader None)
