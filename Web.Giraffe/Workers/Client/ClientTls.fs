namespace Web.Giraffe

open System
open System.IO
open System.Net.Security
open System.Net.Sockets
open System.Security.Authentication
open System.Threading
open System.Threading.Tasks
open Node.Hosting.Settings
open Node.Hosting.Tls

/// The TLS settings for connections to workers.
type ClientTls =
    {
        /// `Client:TlsCa`, a PEM file; the system's trust store if it is not set.
        TrustStore: TrustStore
        /// `Client:TlsCertificate` and `Client:TlsKey`, for workers that require a client certificate.
        TlsCertificate: TlsCertificate option
    }

/// A TLS connection to a worker.
type TlsConnection =
    {
        Stream: SslStream
        /// The worker requested a client certificate and none is configured. A worker that requires one reports this
        /// only by closing the connection.
        RequestsCertificate: bool
    }

/// The state of one TLS handshake with a worker.
[<Sealed>]
type private Handshake(tls: ClientTls, host: string) =
    let mutable reason: string | null = null
    let mutable requestsCertificate = false

    let trusts certificate chain errors =
        reason <- CertificateErrors.Reason(certificate, chain, errors, tls.TrustStore, host)
        isNull reason

    // Called once before the handshake, and again if the worker requests a certificate.
    let noCertificate (remote: obj | null) =
        requestsCertificate <- requestsCertificate || not (isNull remote)

    let options =
        SslClientAuthenticationOptions(
            TargetHost = host,
            EnabledSslProtocols = (SslProtocols.Tls12 ||| SslProtocols.Tls13),
            CertificateChainPolicy = tls.TrustStore.Policy(),
            RemoteCertificateValidationCallback =
                RemoteCertificateValidationCallback(fun _ certificate chain errors -> trusts certificate chain errors)
        )

    do
        match tls.TlsCertificate with
        | Some identity -> options.ClientCertificateContext <- identity.Context
        | None ->
            options.LocalCertificateSelectionCallback <-
                LocalCertificateSelectionCallback(fun _ _ _ remote _ ->
                    noCertificate remote
                    null)

    member _.Options = options
    member _.RequestsCertificate = requestsCertificate

    /// Returns why the handshake failed.
    member _.Describe(ex: exn) =
        match reason with
        | NonNull reason -> reason
        | Null ->
            $"the TLS handshake failed ({ex.GetBaseException().Message}): if the worker does not use TLS, leave out tls://"

[<RequireQualifiedAccess>]
module ClientTls =

    let private load
        (reader: OptionsReader)
        option
        (file: string | null)
        (tryLoad: string -> ('found | null) * (string | null))
        =
        let parse file =
            match tryLoad file with
            | NonNull found, _ -> Ok found
            | Null, reason -> Error $"{option} can't be used: {reason}."

        SettingParsing.parseOptional reader parse file

    /// Loads the files; `reader` collects the errors.
    let read (reader: OptionsReader) authorities certificate (key: string | null) (clock: TimeProvider) : ClientTls =
        let key = SettingParsing.optional key

        let trusted =
            load reader "Client:TlsCa" authorities (fun path -> TrustStore.TryLoad(path, clock))

        let identity =
            load reader "Client:TlsCertificate" certificate (fun path ->
                TlsCertificate.TryLoad(path, Option.toObj key, clock))

        if key.IsSome && (SettingParsing.optional certificate).IsNone then
            reader.Add "Client:TlsKey has no effect without Client:TlsCertificate: set both or neither."

        {
            TrustStore = Option.defaultValue TrustStore.OfMachine trusted
            TlsCertificate = identity
        }

    // A TLS record begins with its content type: handshake or alert.
    let private isTlsRecord (first: byte) = first = 0x16uy || first = 0x15uy

    /// Performs a TLS handshake with the worker at `address` over a connected socket. On failure, returns the
    /// reason in one line without a full stop.
    let connect (tls: ClientTls) (address: WorkerAddress) (socket: Socket) (cancel: CancellationToken) =
        task {
            let handshake = Handshake(tls, address.Host)
            let stream = new SslStream(new NetworkStream(socket, false))
            let first = Array.zeroCreate<byte> 1
            let mutable succeeded = false

            try
                try
                    // Peeks before the handshake reads. A worker without TLS answers `N` to unreadable data, and the
                    // handshake would wait for more bytes.
                    let peeked = socket.ReceiveAsync(Memory first, SocketFlags.Peek, cancel)
                    let handshakeTask = stream.AuthenticateAsClientAsync(handshake.Options, cancel)
                    let! count = peeked

                    if count = 1 && not (isTlsRecord first[0]) then
                        return Error "the worker does not use TLS on this port: leave out tls://"
                    else
                        do! handshakeTask
                        succeeded <- true

                        return
                            Ok
                                {
                                    Stream = stream
                                    RequestsCertificate = handshake.RequestsCertificate
                                }
                with
                | :? SocketException as ex -> return Error(handshake.Describe ex)
                | :? AuthenticationException as ex -> return Error(handshake.Describe ex)
                | :? IOException as ex -> return Error(handshake.Describe ex)
            finally
                if not succeeded then
                    stream.Dispose()
        }
