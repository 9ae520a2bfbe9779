namespace Web.Giraffe

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// What a worker says of a picture.
type Reply =
    | Succeeded of Recognition
    /// It has the whole picture and refuses it.
    | Undecodable of Refusal

/// What asking one worker came to.
type Outcome =
    | Replied of Reply
    /// `detail` is the machine's own word on it, or empty.
    | Failed of failure: Failure * detail: string

/// An exchange that goes on.
type PendingExchange =
    {
        /// Throws OperationCanceledException when whoever asked goes away.
        Outcome: Task<Outcome>
        /// When nothing of the exchange goes on any more: a plain one's image is sent to its end, whoever waits for it.
        Over: unit -> Task
        /// Whether the exchange that led to the outcome was a plain one.
        IsPlain: unit -> bool
    }

/// Sends pictures to workers, over a connection that lies ready or a new one, by the exchange that the worker takes.
[<Sealed>]
type WorkerClient(settings: ClientSettings, time: TimeProvider) =
    let pool = new ConnectionPool(settings, time)
    let exchanges = WorkerExchanges(settings, time, pool)

    let parameters (wishes: ClassifyOptions) =
        { Parameters.extended with
            Top = wishes.Top
            Explain = wishes.Explain
            Trace = wishes.Trace
        }

    let negotiate address (peer: WorkerPeer) : Task =
        peer.Negotiate(fun () -> exchanges.Negotiate(address, peer))

    do pool.WasAway.Add(fun (struct (address, peer)) -> negotiate address peer |> ignore)

    let plainly address (peer: WorkerPeer) image left alarm cancel running =
        task {
            let! said = exchanges.Plain(address, image, left, alarm, cancel, running)

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

    let ask
        address
        (peer: WorkerPeer)
        (image: ReadOnlySequence<byte>)
        wishes
        (left: unit -> TimeSpan)
        alarm
        cancel
        (running: Task voption ref)
        =
        let support = PlainSupport.tell image

        // `tries`: how many extended exchanges it may be declined.
        let rec go tries =
            task {
                // Only a request that the plain exchange can't fulfil waits.
                let! known =
                    if ClassifyOptions.needExtended wishes || support <> Supported then
                        negotiated address peer left cancel
                    else
                        Task.FromResult peer.Capabilities

                if
                    settings.Mode = ExchangeMode.Plain
                    || known <> PeerCapabilities.Extended
                    || tries = 0
                then
                    match! plainly address peer image left alarm cancel running with
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
                        running.Value <- ValueNone

                        let! said =
                            exchanges.Extended(address, peer, ready, parameters wishes, image, left, alarm)

                        match said with
                        // It has ended the connection before any answer: closed it at the same moment, or is another
                        // worker now.
                        | Ok ClientAnswer.Declined ->
                            peer.Update Negotiation.away
                            negotiate address peer |> ignore
                            return! go (if ClassifyOptions.needExtended wishes then tries - 1 else 0)
                        | said -> return said
            }

        task {
            match! go 3 with
            | Ok(ClientAnswer.Recognized recognition) -> return Replied(Succeeded recognition)
            | Ok(ClientAnswer.ImageRefused refusal) -> return Replied(Undecodable refusal)
            | Ok ClientAnswer.Declined -> return invalidOp "A plain exchange has no parameters to decline."
            | Error(failure, detail) -> return Failed(failure, detail)
        }

    let outcomeOf address image wishes span cancel (running: Task voption ref) =
        task {
            let left = exchanges.Countdown span
            use alarm: Deadline = new Deadline(time, cancel)
            let peer = pool.For address
            let! outcome = ask address peer image wishes left alarm cancel running

            match outcome with
            // Perhaps the picture's fault, which the caller finds out.
            | Failed(failure, _) when running.Value.IsSome && Failure.isSilent failure -> ()
            | Failed _ -> pool.Renew(address, peer)
            | Replied _ -> ()

            return outcome
        }

    /// Asks what `image`, 1 byte … 24 MiB, is in the worker's eyes, within `span`, or until `cancel`.
    member _.Begin
        (
            address: WorkerAddress,
            image: ReadOnlySequence<byte>,
            wishes: ClassifyOptions,
            span: TimeSpan,
            cancel: CancellationToken
        ) : PendingExchange =
        let running = ref ValueNone
        let outcome = outcomeOf address image wishes span cancel running

        {
            Outcome = outcome
            Over =
                fun () ->
                    task {
                        do! Task.WhenAny outcome :> Task

                        match running.Value with
                        | ValueSome(run: Task) -> do! run
                        | ValueNone -> ()
                    }
            IsPlain = fun () -> running.Value.IsSome
        }

    /// The outcome alone.
    member client.Ask(address, image, wishes, span, cancel) =
        client.Begin(address, image, wishes, span, cancel).Outcome

    /// What the worker at this address is known to take.
    member _.Capabilities(address: WorkerAddress) = (pool.For address).Capabilities

    /// Finds out what the worker takes, in the background; over when it is known, or the worker can't be reached.
    member _.Negotiate(address: WorkerAddress) : Task =
        if settings.Mode = ExchangeMode.Plain then
            Task.CompletedTask
        else
            negotiate address (pool.For address)

    /// The worker failed, and may come back as another one.
    member _.Renew(address: WorkerAddress) = pool.Renew(address, pool.For address)

    /// The worker is off the list: nothing of it is kept.
    member _.Forget(address: WorkerAddress) = pool.Forget address

    interface IDisposable with
        member _.Dispose() = (pool :> IDisposable).Dispose()
