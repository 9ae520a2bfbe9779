namespace Web.Giraffe

open System
open Microsoft.Extensions.Configuration
open Protocol.Core
open Transport.Tls

/// The deadlines and limits of one exchange with a worker.
type ClientSettings =
    {
        /// `Client:ConnectSeconds`, until the connection stands.
        Connect: TimeSpan
        /// `Client:ExchangeSeconds`, from the first try to connect to the result.
        Exchange: TimeSpan
        /// `Client:SilenceSeconds`, how long a worker may keep from answering, or from taking what is sent.
        Silence: TimeSpan
        /// `Client:Exchange`, the best exchange that workers are asked for; one that does not take it is asked plainly.
        Mode: ExchangeMode
        /// `Client:IdleConnections`, how many connections to each worker lie ready for the next requests.
        IdleConnections: int
        /// `Client:IdleSeconds`, how long each does at most; less than the worker's own patience (60 s).
        Idle: TimeSpan
        Limits: Limits
        /// `Admin:AllowedNetworks`, with the workers of the settings trusted.
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

    /// What is wrong is the options' to say; `trusted` workers need not be in a network that is allowed.
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
            // Room for a thousand classes with their maps.
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
