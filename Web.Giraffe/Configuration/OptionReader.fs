namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Globalization
open System.Net
open Microsoft.Extensions.Configuration

/// Reads the options of some sections and collects errors: one sentence each, with the valid values. `known` lists all
/// options of these sections; any other option in them is an error.
[<Sealed>]
type OptionReader(configuration: IConfiguration, known: (string * string list) list) =
    let wrong = List<string>()

    let isOption (keys: string list) (name: string) =
        keys
        |> List.exists (fun key -> key.Equals(name, StringComparison.OrdinalIgnoreCase))

    do
        for section, keys in known do
            for child in configuration.GetSection(section).GetChildren() do
                if not (isOption keys child.Key) then
                    let options = String.Join(", ", keys)
                    wrong.Add $"{section}:{child.Key} is no option; {section} has {options}."

    /// Returns the value, or adds an error and returns `fallback`.
    member _.Take(fallback: 'value, result: Result<'value, string>) =
        result
        |> Result.defaultWith (fun message ->
            wrong.Add message
            fallback)

    /// Returns the valid values and collects the errors.
    member this.Each(results: Result<'value, string> list) =
        results |> List.choose (fun result -> this.Take(None, Result.map Some result))

    member private this.Parsed(key: string, fallback: 'value, parse: string -> Result<'value, string>) =
        match configuration[key] with
        | null -> fallback
        | text -> this.Take(fallback, parse text)

    member this.Number(key: string, fallback: float, isRight: float -> bool, expected: string) =
        this.Parsed(
            key,
            fallback,
            fun text ->
                match Double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) with
                | true, value when isRight value -> Ok value
                | _ -> Error $"{key} must be {expected}, not '{text}'."
        )

    member this.Seconds(key: string, fallback: float, least: float, most: float) =
        let isRight value = value >= least && value <= most

        this.Number(key, fallback, isRight, $"a number of seconds from {least} to {most}")
        |> TimeSpan.FromSeconds

    member this.Whole(key: string, fallback: int64, least: int64, most: int64) =
        this.Parsed(
            key,
            fallback,
            fun text ->
                match Int64.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
                | true, value when value >= least && value <= most -> Ok value
                | _ -> Error $"{key} must be a whole number from {least} to {most}, not '{text}'."
        )

    member this.Count(key: string, fallback: int, least: int, most: int) =
        this.Whole(key, int64 fallback, int64 least, int64 most) |> int

    member this.OneOf(key: string, fallback: 'choice, choices: (string * 'choice) list) =
        this.Parsed(
            key,
            fallback,
            fun text ->
                match
                    choices
                    |> List.tryFind (fun (name, _) -> text.Equals(name, StringComparison.OrdinalIgnoreCase))
                with
                | Some(_, choice) -> Ok choice
                | None ->
                    let names = choices |> List.map fst |> String.concat " or "
                    Error $"{key} must be {names}, not '{text}'."
        )

    /// Reads the IP address to listen on; none means all addresses.
    member this.Address(key: string) =
        match configuration[key] with
        | null
        | ""
        | "*" -> None
        | "localhost" -> Some IPAddress.Loopback
        | text ->
            match IPAddress.TryParse text with
            | true, NonNull address -> Some address
            | _ -> this.Take(None, Error $"{key} must be an IP address, 'localhost' or '*', not '{text}'.")

    /// Reads a list, or a text with commas.
    member _.Texts(key: string) =
        let section = configuration.GetSection key

        [
            match section.Value with
            | null -> ()
            | text -> yield! text.Split(',', StringSplitOptions.RemoveEmptyEntries)

            for child in section.GetChildren() do
                match child.Value with
                | null -> ()
                | text -> text
        ]

    /// Returns the settings, or all errors.
    member _.Outcome(settings: 'settings) : Result<'settings, string list> =
        if wrong.Count = 0 then
            Ok settings
        else
            Error(List.ofSeq wrong)
