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
    let rejected requestsCertificate (struct (failure, detail)) =
        if failure.Cause <> Cause.Closed then
            struct (failure, detail)
        elif requestsCertificate then
            struct (Failure.at Stage.Connect Cause.Untrusted,
                    "the worker requires a client certificate: set Client:TlsCertificate")
        elif settings.Tls.TlsCertificate.IsSome then
            struct (failure,
                    "the worker closed the connection without a reason: see its log; it may reject the certificate of Client:TlsCertificate")
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

            let mutable succeeded = false

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
                            succeeded <- true
                            return Ok(new WorkerConnection(socket, tls))
                with
                | :? OperationCanceledException when deadline.HasPassed -> return failed Cause.TimedOut ""
                | :? SocketException as ex when ex.SocketErrorCode = SocketError.TimedOut ->
                    return failed Cause.TimedOut ex.Message
                | :? SocketException as ex -> return failed Cause.Refused ex.Message
            finally
                if not succeeded then
                    socket.Dispose()
        }

    /// Returns an exchange's outcome with an explanation of TLS failures. A worker that requires another certificate
    /// only closes the connection.
    member _.Explain(connection: WorkerConnection, outcome: Result<ClientAnswer, struct (Failure * string)>) =
        if connection.IsUnheardTls then
            Result.mapError (rejected connection.RequestsCertificate) outcome
        else
            outcome
