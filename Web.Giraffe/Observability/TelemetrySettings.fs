namespace Web.Giraffe

open System
open System.ComponentModel
open System.ComponentModel.DataAnnotations
open System.Net
open Node.Hosting.Settings

/// The section `Metrics`.
type MetricsOptions() =
    [<Description "Separate port for /metrics and health, without authentication; by default /metrics is on the page's port, for administrators";
      Range(1, 65535)>]
    member val Port = Nullable<int>() with get, set

    [<Description "IP address of the metrics port, localhost, or * for all [default: *]">]
    member val Address: string | null = null with get, set

/// The settings of a separate port for metrics.
type TelemetrySettings =
    {
        Port: int option
        Address: ListenAddress
    }

[<RequireQualifiedAccess>]
module TelemetrySettings =

    /// Reads the settings; `reader` collects the errors. The page's own port is public, so this one must differ.
    let read (reader: OptionsReader) (pagePort: int) (grpcPort: Nullable<int>) : TelemetrySettings =
        let options = reader.Bind<MetricsOptions> "Metrics"

        if options.Port = Nullable pagePort then
            reader.Add $"Metrics:Port must be another one than the page's (Http:Port, --port), which is {pagePort}."

        if options.Port.HasValue && options.Port = grpcPort then
            reader.Add $"Metrics:Port and Http:GrpcPort are both {grpcPort}: choose another port for one of them."

        {
            Port = Option.ofNullable options.Port
            Address = SettingParsing.address reader "Metrics:Address" options.Address
        }
