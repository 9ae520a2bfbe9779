namespace Web.Giraffe

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
    // The page's own port is for everybody.
    let private differs (configuration: IConfiguration) (port: int64) =
        let page = configuration["Http:Port"] |> Option.ofObj |> Option.defaultValue "9999"

        if string port = page then
            Error $"Metrics:Port must be another one than the page's (Http:Port, --port), which is {page}."
        else
            Ok(Some(int port))

    /// Everything that is wrong, one sentence an option, or the settings.
    let read (configuration: IConfiguration) : Result<TelemetrySettings, string list> =
        let options = OptionReader(configuration, [ "Metrics", [ "Port"; "Address" ] ])

        let port =
            match configuration["Metrics:Port"] with
            | null
            | "" -> None
            | _ -> options.Take(None, options.Whole("Metrics:Port", 1L, 1L, 65535L) |> differs configuration)

        options.Outcome
            {
                Port = port
                Address = options.Address "Metrics:Address"
            }
