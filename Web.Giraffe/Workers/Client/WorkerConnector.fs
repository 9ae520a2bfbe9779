namespace Web.Giraffe

open System
open System.Net.Sockets
open System.Threading.Tasks
open Protocol.Core

/// Opens connections to workers, with or without TLS.
[<Sealed>]
type WorkerConnector(settings: ClientSettings) =
    // Bytes. Data still in transit on a slow link must not count as the worker's silence, and the kernel's default
    // takes megabytes at once. Linux doubles the value: enough for 17 MB/s at a round trip of 30 ms.
    let sendBuffer = 262_144

    let secure address socket token =
        task {
            let! tls = ClientTls.connect settings.Tls address socket token
            return Result.map ValueSome tls
        }

    // Over TLS, a crashed worker looks like one that rejects the certificate. If a certificate was sent, the stage is
    // kept, so that the picture counts as sent.
    let rejected wantsIdentity (struct (failure, detail)) =
        if failure.Cause <> Cause.Closed then
            struct (failure, detail)
        elif wantsIdentity then
            struct (Failure.at Stage.Connect Cause.Untrusted,
                    "it wants a certificate (Client:TlsCertificate), and there is none")
        elif settings.Tls.TlsCertificate.IsSome then
            struct (failure, "without a word: its log says whether it takes the certificate of Client:TlsCertificate")
        else
            struct (failure, detail)

    /// Connects to the worker within `span`. On failure, returns the cause and the system's error message, possibly
    /// empty.
    member _.Connect
        (address: WorkerAddress, span: TimeSpan, deadline: Deadline)
        : Task<Result<WorkerConnection, struct (Failure * string)>> =
        task {
            let socket =
                new Socket(SocketType.Stream, ProtocolType.Tcp, NoDelay = true, SendBufferSize = sendBuffer)

            let mutable stands = false

            let failed cause detail =
                Error(struct (Failure.at Stage.Connect cause, detail))

            try
                try
                    let token = deadline.Set span

                    match! AllowedNetworks.resolve settings.Allowed address token with
                    | Error refusal -> return failed Cause.Refused (AddressRefusal.describe refusal)
                    | Ok found ->
                        do! socket.ConnectAsync(found, address.Port, token)

                        let! tls =
                            if address.IsTls then
                                secure address socket token
                            else
                                Task.FromResult(Ok ValueNone)

                        deadline.Clear()

                        match tls with
                        | Error reason -> return failed Cause.Untrusted reason
                        | Ok tls ->
                            stands <- true
                            return Ok(new WorkerConnection(socket, tls))
                with
                | :? OperationCanceledException when deadline.HasPassed -> return failed Cause.TimedOut ""
                | :? SocketException as broken when broken.SocketErrorCode = SocketError.TimedOut ->
                    return failed Cause.TimedOut broken.Message
                | :? SocketException as broken -> return failed Cause.Refused broken.Message
            finally
                if not stands then
                    socket.Dispose()
        }

    /// Returns an exchange's outcome with an explanation of TLS failures. A worker that requires another certificate
    /// only closes the connection.
    member _.Explain(connection: WorkerConnection, outcome: Result<ClientAnswer, struct (Failure * string)>) =
        if connection.IsUnheardTls then
            Result.mapError (rejected connection.WantsIdentity) outcome
        else
            outcome
