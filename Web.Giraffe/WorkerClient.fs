namespace Web.Giraffe

open System
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// What a worker says of a picture.
type Reply =
    | Named of Recognition
    /// It has the whole picture and refuses it.
    | NotDecoded of Refusal

/// What asking one worker came to.
type Outcome =
    | Replied of Reply
    /// `detail` is the machine's own word on it, or empty.
    | Broken of failure: Failure * detail: string

/// Asks one worker, over a connection that lies ready or a new one, by the exchange that the worker takes.
[<Sealed>]
type WorkerClient(settings: ClientSettings, time: TimeProvider) =
    let pool = new ConnectionPool(settings, time)
    // Bytes. What is still on its way over a narrow line must not count as the worker's silence, and a kernel left to
    // itself takes megabytes at once. Linux doubles it: enough for 17 MB/s at a round trip of 30 ms.
    let sendBuffer = 262_144

    let secure address socket token =
        task {
            let! tls = ClientTls.connect settings.Tls address socket token
            return Result.map ValueSome tls
        }

    let connect (address: WorkerAddress) span (alarm: Alarm) =
        task {
            let socket =
                new Socket(SocketType.Stream, ProtocolType.Tcp, NoDelay = true, SendBufferSize = sendBuffer)

            let mutable stands = false

            let failed cause detail =
                Error(struct (Failure.at Stage.Connect cause, detail))

            try
                try
                    let token = alarm.Set span

                    match! AllowedNetworks.resolve settings.Allowed address token with
                    | Error refusal -> return failed Cause.Refused (AddressRefusal.describe refusal)
                    | Ok found ->
                        do! socket.ConnectAsync(found, address.Port, token)

                        let! tls =
                            if address.IsTls then
                                secure address socket token
                            else
                                Task.FromResult(Ok ValueNone)

                        alarm.Clear()

                        match tls with
                        | Error reason -> return failed Cause.Untrusted reason
                        | Ok tls ->
                            stands <- true
                            return Ok(new WorkerConnection(socket, tls))
                with
                | :? OperationCanceledException when alarm.Rang -> return failed Cause.TimedOut ""
                | :? SocketException as broken when broken.SocketErrorCode = SocketError.TimedOut ->
                    return failed Cause.TimedOut broken.Message
                | :? SocketException as broken -> return failed Cause.Refused broken.Message
            finally
                if not stands then
                    socket.Dispose()
        }

    let parameters approach (wishes: Wishes) =
        if Approach.isPlain approach then
            Parameters.none
        else
            { Parameters.all with
                Top = wishes.Top
                Explain = wishes.Explain
                Trace = wishes.Trace
            }

    // A worker that is asked over TLS and crashes looks like one that does not take the certificate; where one was
    // shown, the stage stays as it is, so that the picture counts as sent.
    let turnedAway wantsIdentity (struct (failure, detail)) =
        if failure.Cause <> Cause.Closed then
            struct (failure, detail)
        elif wantsIdentity then
            struct (Failure.at Stage.Connect Cause.Untrusted,
                    "it wants a certificate (Client:TlsCertificate), and there is none")
        elif settings.Tls.Identity.IsSome then
            struct (failure, "without a word: its log says whether it takes the certificate of Client:TlsCertificate")
        else
            struct (failure, detail)

    /// One exchange over this connection, which is laid ready again or closed.
    let exchange (peer: WorkerPeer) (connection: WorkerConnection) parameters image left alarm =
        task {
            let mutable keep = false

            try
                let run = ExchangeRun(connection, parameters, image, settings, left, alarm)
                let! said = run.Run()
                keep <- run.IsReusable

                return
                    if connection.IsUnheardTls then
                        Result.mapError (turnedAway connection.WantsIdentity) said
                    else
                        said
            finally
                if keep then
                    peer.Give(connection, pool.Now)
                else
                    (connection :> IDisposable).Dispose()
        }

    let ask address (peer: WorkerPeer) image wishes (left: unit -> TimeSpan) alarm =
        let rec go approach (ready: WorkerConnection voption) =
            task {
                let! connected =
                    match ready with
                    | ValueSome connection -> Task.FromResult(Ok connection)
                    | ValueNone -> connect address (min settings.Connect (left ())) alarm

                let! said =
                    match connected with
                    | Ok connection -> exchange peer connection (parameters approach wishes) image left alarm
                    | Error failure -> Task.FromResult(Error failure)

                let ending =
                    match said with
                    | Ok ClientAnswer.Declined -> TryEnd.Declined
                    | Ok _ -> TryEnd.Answered
                    | Error _ -> TryEnd.Failed

                match peer.Learn(Approach.after pool.Now approach ending), said with
                | ValueSome next, _ -> return! go next ValueNone
                | ValueNone, Ok(ClientAnswer.Recognized recognition) -> return Replied(Named recognition)
                | ValueNone, Ok(ClientAnswer.ImageRefused refusal) -> return Replied(NotDecoded refusal)
                | ValueNone, Ok ClientAnswer.Declined ->
                    return invalidOp "A plain exchange has no parameters to decline."
                | ValueNone, Error(failure, detail) -> return Broken(failure, detail)
            }

        let approach hasIdle =
            Approach.first settings.Manner pool.Now hasIdle peer.Known

        if Approach.isPlain (approach true) then
            go (approach false) ValueNone
        else
            let ready = peer.TryTake()
            go (approach ready.IsSome) ready

    /// What `image`, 1 byte … 24 MiB, is in the worker's eyes, within `span`. Throws OperationCanceledException when
    /// `cancel` ends it.
    member _.Ask
        (address: WorkerAddress, image: ReadOnlyMemory<byte>, wishes: Wishes, span: TimeSpan, cancel: CancellationToken)
        =
        task {
            let began = time.GetTimestamp()

            let left () =
                max TimeSpan.Zero (span - time.GetElapsedTime began)

            use alarm: Alarm = new Alarm(time, cancel)
            let peer = pool.For address
            let! outcome = ask address peer image wishes left alarm

            if outcome.IsBroken then
                pool.Renew(address, peer)

            return outcome
        }

    /// The worker is off the list: nothing of it is kept.
    member _.Forget(address: WorkerAddress) = pool.Forget address

    interface IDisposable with
        member _.Dispose() = (pool :> IDisposable).Dispose()
