namespace Web.Giraffe

open System
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

/// Sends pictures to workers, over a connection that lies ready or a new one, by the exchange that the worker takes.
[<Sealed>]
type WorkerClient(settings: ClientSettings, time: TimeProvider) =
    let pool = new ConnectionPool(settings, time)
    let connector = WorkerConnector settings

    // A worker that is silent or says `N` once is plain.
    let negotiating =
        { settings with
            Silence = Negotiation.silence
            Limits = { settings.Limits with MaxAttempts = 1 }
        }

    let parameters (wishes: Wishes) =
        { Parameters.all with
            Top = wishes.Top
            Explain = wishes.Explain
            Trace = wishes.Trace
        }

    let countdown span =
        let began = time.GetTimestamp()
        fun () -> max TimeSpan.Zero (span - time.GetElapsedTime began)

    /// One exchange over this connection, which is laid ready again or closed.
    let exchange (peer: WorkerPeer) settings (connection: WorkerConnection) parameters image left alarm =
        task {
            let mutable keep = false

            try
                let run = ExchangeRun(connection, parameters, image, settings, left, alarm)
                let! said = run.Run()
                keep <- run.IsReusable
                return connector.Explain(connection, said)
            finally
                if keep then
                    peer.Give(connection, pool.Now)
                else
                    (connection :> IDisposable).Dispose()
        }

    /// One exchange over a new connection.
    let exchangeAnew address peer parameters image (left: unit -> TimeSpan) alarm =
        task {
            match! connector.Connect(address, min settings.Connect (left ()), alarm) with
            | Error failure -> return Error failure
            | Ok connection -> return! exchange peer settings connection parameters image left alarm
        }

    let negotiate address (peer: WorkerPeer) : Task =
        peer.Negotiate(fun () ->
            task {
                use alarm = new Alarm(time, CancellationToken.None)

                match! connector.Connect(address, settings.Connect, alarm) with
                // Whatever listens there later is negotiated with when it has answered.
                | Error _ -> ()
                | Ok connection ->
                    let image = ReadOnlyMemory Negotiation.picture
                    let left = countdown Negotiation.deadline

                    match! exchange peer negotiating connection Parameters.all image left alarm with
                    | Ok(ClientAnswer.Recognized _)
                    | Ok(ClientAnswer.ImageRefused _) -> peer.Update Negotiation.succeeded
                    | Ok ClientAnswer.Declined
                    | Error _ -> peer.Update(Negotiation.failed pool.Now)
            })

    do pool.WasAway.Add(fun (struct (address, peer)) -> negotiate address peer |> ignore)

    let plainly address (peer: WorkerPeer) image left alarm =
        task {
            let! said = exchangeAnew address peer Parameters.none image left alarm

            if
                said.IsOk
                && settings.Mode = ExchangeMode.Extended
                && Negotiation.isDue pool.Now peer.Negotiation
            then
                negotiate address peer |> ignore

            return said
        }

    /// What the worker takes, once a negotiation is over.
    let negotiated address (peer: WorkerPeer) (left: unit -> TimeSpan) (cancel: CancellationToken) =
        task {
            if
                peer.Capabilities = PeerCapabilities.Unknown
                && settings.Mode = ExchangeMode.Extended
            then
                try
                    do! (negotiate address peer).WaitAsync(left (), time, cancel)
                with :? TimeoutException ->
                    ()

            return peer.Capabilities
        }

    /// A connection that lies ready, or none; not where the worker has just ended all of them.
    let tryTake (peer: WorkerPeer) =
        match peer.TryTake() with
        | ValueNone when peer.Capabilities <> PeerCapabilities.Extended -> Error()
        | ready -> Ok ready

    let ask address (peer: WorkerPeer) image wishes (left: unit -> TimeSpan) alarm cancel =
        // `tries`: how many extended exchanges it may be declined.
        let rec go tries =
            task {
                // Only a request that the plain exchange can't fulfil waits.
                let! known =
                    if Wishes.needExtended wishes then
                        negotiated address peer left cancel
                    else
                        Task.FromResult peer.Capabilities

                if
                    settings.Mode = ExchangeMode.Plain
                    || known <> PeerCapabilities.Extended
                    || tries = 0
                then
                    match! plainly address peer image left alarm with
                    // A new worker may have a reason that is not the picture's fault, which the plain exchange has no room
                    // for.
                    | Ok(ClientAnswer.ImageRefused refusal) when known = PeerCapabilities.Unknown && tries > 1 ->
                        let! known = negotiated address peer left cancel

                        return!
                            if known = PeerCapabilities.Extended then
                                go 1
                            else
                                Task.FromResult(Ok(ClientAnswer.ImageRefused refusal))
                    | said -> return said
                else
                    match tryTake peer with
                    | Error() ->
                        negotiate address peer |> ignore
                        return! go tries
                    | Ok ready ->
                        let! said =
                            match ready with
                            | ValueSome connection ->
                                exchange peer settings connection (parameters wishes) image left alarm
                            | ValueNone -> exchangeAnew address peer (parameters wishes) image left alarm

                        match said with
                        // It has ended the connection before any answer: closed it at the same moment, or is another
                        // worker now.
                        | Ok ClientAnswer.Declined ->
                            peer.Update Negotiation.away
                            negotiate address peer |> ignore
                            return! go (if Wishes.needExtended wishes then tries - 1 else 0)
                        | said -> return said
            }

        task {
            match! go 3 with
            | Ok(ClientAnswer.Recognized recognition) -> return Replied(Named recognition)
            | Ok(ClientAnswer.ImageRefused refusal) -> return Replied(NotDecoded refusal)
            | Ok ClientAnswer.Declined -> return invalidOp "A plain exchange has no parameters to decline."
            | Error(failure, detail) -> return Broken(failure, detail)
        }

    /// What `image`, 1 byte … 24 MiB, is in the worker's eyes, within `span`. Throws OperationCanceledException when
    /// `cancel` ends it.
    member _.Ask
        (address: WorkerAddress, image: ReadOnlyMemory<byte>, wishes: Wishes, span: TimeSpan, cancel: CancellationToken)
        =
        task {
            let left = countdown span
            use alarm: Alarm = new Alarm(time, cancel)
            let peer = pool.For address
            let! outcome = ask address peer image wishes left alarm cancel

            if outcome.IsBroken then
                pool.Renew(address, peer)

            return outcome
        }

    /// What the worker at this address is known to take.
    member _.Capabilities(address: WorkerAddress) = (pool.For address).Capabilities

    /// Finds out what the worker takes, in the background; over when it is known, or the worker can't be reached.
    member _.Negotiate(address: WorkerAddress) : Task =
        if settings.Mode = ExchangeMode.Plain then
            Task.CompletedTask
        else
            negotiate address (pool.For address)

    /// The worker is off the list: nothing of it is kept.
    member _.Forget(address: WorkerAddress) = pool.Forget address

    interface IDisposable with
        member _.Dispose() = (pool :> IDisposable).Dispose()
