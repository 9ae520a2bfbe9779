namespace Web.Giraffe

open System
open Microsoft.Extensions.Configuration
open Protocol.Core
open Transport.Tls

/// The deadlines and limits of one exchange with a worker.
type ClientSettings =
    {
        /// `Client:ConnectSeconds`, the connect timeout.
        Connect: TimeSpan
        /// `Client:ExchangeSeconds`, the deadline from the first connect attempt to the result.
        Exchange: TimeSpan
        /// `Client:SilenceSeconds`, how long a worker may neither answer nor receive data.
        Silence: TimeSpan
        /// `Client:Exchange`, the preferred exchange. Workers that do not support it get the plain exchange.
        Mode: ExchangeMode
        /// `Client:IdleConnections`, the maximum number of idle connections per worker.
        IdleConnections: int
        /// `Client:IdleSeconds`, the maximum idle time of a connection; shorter than the worker's idle timeout (60 s).
        Idle: TimeSpan
        Limits: Limits
        /// `Admin:AllowedNetworks`, with the workers from the settings as trusted addresses.
        Allowed: AllowedNetworks
        /// `Client:TlsCa`, `Client:TlsCertificate`, `Client:TlsKey`.
        Tls: ClientTls
    }

[<RequireQualifiedAccess>]
module ClientSettings =

    /// The options of the section `Client`.
    let keys =
        [
            "ConnectSeconds"
            "ExchangeSeconds"
            "SilenceSeconds"
            "Exchange"
            "IdleConnections"
            "IdleSeconds"
            "TlsCa"
            "TlsCertificate"
            "TlsKey"
        ]

    let private networks (configuration: IConfiguration) (options: OptionReader) =
        if configuration.GetSection("Admin:AllowedNetworks").Exists() then
            options.Texts "Admin:AllowedNetworks"
            |> List.map (AllowedNetworks.tryNetwork "Admin:AllowedNetworks")
        else
            List.map Ok AllowedNetworks.standard

    let private tls (configuration: IConfiguration) (options: OptionReader) =
        match ClientTls.read configuration TimeProvider.System with
        | Ok tls -> tls
        | Error messages ->
            for message in messages do
                options.Take((), Error message)

            {
                TrustStore = TrustStore.OfMachine
                TlsCertificate = None
            }

    /// Reads the settings; `options` collects the errors. `trusted` workers need not be in an allowed network.
    let read (configuration: IConfiguration) (options: OptionReader) (trusted: WorkerAddress list) : ClientSettings =
        {
            Connect = options.Seconds("Client:ConnectSeconds", 1.0, 0.01, 60.0)
            Exchange = options.Seconds("Client:ExchangeSeconds", 10.0, 0.1, 600.0)
            Silence = options.Seconds("Client:SilenceSeconds", 5.0, 0.1, 600.0)
            Mode =
                options.OneOf(
                    "Client:Exchange",
                    ExchangeMode.Extended,
                    [ "Extended", ExchangeMode.Extended; "Plain", ExchangeMode.Plain ]
                )
            IdleConnections = options.Count("Client:IdleConnections", 8, 0, 10_000)
            Idle = options.Seconds("Client:IdleSeconds", 30.0, 0.1, 3600.0)
            // Enough for a thousand classes with their maps.
            Limits =
                { Limits.Standard with
                    MaxResult = 512 * 1024
                }
            Allowed =
                {
                    Networks = networks configuration options |> options.Each
                    Trusted = trusted
                }
            Tls = tls configuration options
        }
