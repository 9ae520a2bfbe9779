namespace Web.Giraffe

open System
open System.ComponentModel
open System.ComponentModel.DataAnnotations
open Protocol.Core
open Node.Hosting.Settings

/// The section `Client`.
type ClientOptions() =
    [<Description "Timeout of a connection attempt to a worker in seconds"; Range(0.01, 60.0)>]
    member val ConnectSeconds = 1.0 with get, set

    [<Description "Timeout of an exchange with a worker in seconds, including the connection attempt"; Range(0.1, 600.0)>]
    member val ExchangeSeconds = 10.0 with get, set

    [<Description "Idle timeout of an exchange in seconds: the worker neither answers nor receives data";
      Range(0.1, 600.0)>]
    member val SilenceSeconds = 5.0 with get, set

    [<Description "Preferred exchange; the plain one is used for workers that do not support Extended";
      AllowedValues("Extended", "Plain")>]
    member val Exchange = "Extended" with get, set

    [<Description "Maximum idle connections per worker"; Range(0, 10_000)>]
    member val IdleConnections = 8 with get, set

    [<Description "Seconds after which an idle connection is closed; less than the worker's --idle (60)";
      Range(0.1, 3600.0)>]
    member val IdleSeconds = 30.0 with get, set

    [<Description "PEM file of the certificate authorities that are trusted for workers [default: the system's]">]
    member val TlsCa: string | null = null with get, set

    [<Description "PEM file of the client certificate for workers that require one">]
    member val TlsCertificate: string | null = null with get, set

    [<Description "PEM file of the client certificate's private key [default: the certificate's file]">]
    member val TlsKey: string | null = null with get, set

/// The deadlines and limits of one exchange with a worker.
type ClientSettings =
    {
        Connect: TimeSpan
        Exchange: TimeSpan
        Silence: TimeSpan
        Mode: ExchangeMode
        IdleConnections: int
        Idle: TimeSpan
        Limits: Limits
        /// `Admin:AllowedNetworks`, with the workers from the settings as trusted addresses.
        Allowed: AllowedNetworks
        Tls: ClientTls
    }

[<RequireQualifiedAccess>]
module ClientSettings =

    /// Reads the settings; `reader` collects the errors. `networks` of none means the standard ones. `trusted` workers
    /// need not be in an allowed network.
    let read (reader: OptionsReader) (networks: string[] | null) (trusted: WorkerAddress list) : ClientSettings =
        let options = reader.Bind<ClientOptions> "Client"

        let networks =
            match networks with
            | null -> AllowedNetworks.standard
            | texts ->
                texts
                |> Seq.map (AllowedNetworks.tryNetwork "Admin:AllowedNetworks")
                |> SettingParsing.each reader

        {
            Connect = TimeSpan.FromSeconds options.ConnectSeconds
            Exchange = TimeSpan.FromSeconds options.ExchangeSeconds
            Silence = TimeSpan.FromSeconds options.SilenceSeconds
            Mode =
                if options.Exchange.Equals("Plain", StringComparison.OrdinalIgnoreCase) then
                    ExchangeMode.Plain
                else
                    ExchangeMode.Extended
            IdleConnections = options.IdleConnections
            Idle = TimeSpan.FromSeconds options.IdleSeconds
            // Enough for a thousand classes with their maps.
            Limits =
                { Limits.Standard with
                    MaxResult = 512 * 1024
                }
            Allowed =
                {
                    Networks = networks
                    Trusted = trusted
                }
            Tls = ClientTls.read reader options.TlsCa options.TlsCertificate options.TlsKey TimeProvider.System
        }
