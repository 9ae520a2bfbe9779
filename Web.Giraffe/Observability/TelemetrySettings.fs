namespace Web.Giraffe

open System.Net
open Microsoft.Extensions.Configuration

/// The settings of a separate port for metrics.
type TelemetrySettings =
    {
        /// `Metrics:Port`, 1 … 65535, serves `/metrics` and the node's health without authentication; none: `/metrics`
        /// is only on the page's port, for administrators.
        Port: int option
        /// `Metrics:Address`, the IP address of that port; none means all addresses.
        Address: IPAddress option
    }

[<RequireQualifiedAccess>]
module TelemetrySettings =
    // The page's own port is public.
    let private differs (configuration: IConfiguration) (port: int64) =
        let page = configuration["Http:Port"] |> Option.ofObj |> Option.defaultValue "9999"

        if string port = page then
            Error $"Metrics:Port must be another one than the page's (Http:Port, --port), which is {page}."
        else
            Ok(Some(int port))

    /// Returns the settings, or one sentence per invalid option.
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
