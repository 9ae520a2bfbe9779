namespace Web.Giraffe

open System
open System.Globalization
open System.Net
open Microsoft.Extensions.Configuration

/// Where the measurements can be read beside the page's own port.
type TelemetrySettings =
    {
        /// `Metrics:Port`, 1 … 65535, where whoever reaches it reads `/metrics` and the node's health; none: `/metrics` is
        /// on the page's port alone, for those who may administer.
        Port: int option
        /// `Metrics:Address`, the IP address of that port; none: every one of the machine's.
        Address: IPAddress option
    }

[<RequireQualifiedAccess>]
module TelemetrySettings =
    let private keys = [ "Port"; "Address" ]

    let private unknown (configuration: IConfiguration) =
        [
            for child in configuration.GetSection("Metrics").GetChildren() do
                if
                    not (
                        keys
                        |> List.exists (fun key -> key.Equals(child.Key, StringComparison.OrdinalIgnoreCase))
                    )
                then
                    let options = String.Join(", ", keys)
                    $"Metrics:{child.Key} is no option; Metrics has {options}."
        ]

    let private port (configuration: IConfiguration) =
        match configuration["Metrics:Port"], configuration["Http:Port"] |> Option.ofObj with
        | Null, _
        | "", _ -> Ok None
        | NonNull text, http when text = Option.defaultValue "9999" http ->
            Error $"Metrics:Port must be another one than the page's (Http:Port, --port), which is {text}."
        | NonNull text, _ ->
            match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, value when value >= 1 && value <= 65535 -> Ok(Some value)
            | _ -> Error $"Metrics:Port must be a whole number from 1 to 65535, not '{text}'."

    let private address (configuration: IConfiguration) =
        match configuration["Metrics:Address"] with
        | null
        | ""
        | "*" -> Ok None
        | "localhost" -> Ok(Some IPAddress.Loopback)
        | text ->
            match IPAddress.TryParse text with
            | true, NonNull address -> Ok(Some address)
            | _ -> Error $"Metrics:Address must be an IP address, 'localhost' or '*', not '{text}'."

    /// Everything that is wrong, one sentence an option, or the settings.
    let read (configuration: IConfiguration) : Result<TelemetrySettings, string list> =
        match unknown configuration, port configuration, address configuration with
        | [], Ok port, Ok address -> Ok { Port = port; Address = address }
        | wrong, port, address ->
            let message result =
                match result with
                | Error message -> [ message ]
                | Ok _ -> []

            Error(wrong @ message port @ message address)
