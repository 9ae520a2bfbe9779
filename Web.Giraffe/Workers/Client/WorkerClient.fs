namespace Web.Giraffe

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// Sends pictures to workers over an idle or a new connection, by the exchange that the worker supports.
[<Sealed>]
type WorkerClient(settings: ClientSettings, time: TimeProvider, directory: ModelDirectory) =
    let pool = new ConnectionPool(settings, time)
    let exchanges = ExchangeRunner(settings, time, pool, directory)

    let parameters address (options: ClassifyOptions) =
        { Parameters.extended with
            Top = options.Top
            Explain = options.Explain
            Model = options.Model
            Tensor = options.Tensor
            Values = options.Values
            // Older workers don't support the parameter.
            Confidence =
                if directory.HasTree(address, options.Model) then
                    options.Confidence
                else
                    ValueNone
            Trace = options.Trace
        }

    let negotiate address (peer: WorkerPeer) : Task =
        peer.Negotiate(fun () -> exchanges.Negotiate(address, peer))

    /// A worker declines while it has just closed its connections, or while another takes its place.
    let maxDeclines = 3

    do pool.Reconnected.Add(fun (struct (address, peer)) -> negotiate address peer |> ignore)

    /// Queries the worker's models again if the revision in its answer differs from the known one.
    let refresh address (peer: WorkerPeer) revision =
        let known =
            match directory.Of address with
            | ValueSome served -> served.Revision
            | ValueNone -> ""

        if revision <> "" && revision <> known then
            peer.Negotiate(fun () -> exchanges.Describe(address, peer, ValueNone)) |> ignore

    /// The worker supports only the plain exchange at the moment, which can't name a model.
    let noModel =
        Refusal.create WorkerRefusal.NoSuchModel "The worker can't serve a named model at the moment."

    let sendPlain address (peer: WorkerPeer) image left deadline cancel running =
        task {
            let! answer = exchanges.Plain(address, image, left, deadline, cancel, running)

            if
                answer.IsOk
                && settings.Mode = ExchangeMode.Extended
                && Negotiation.isDue pool.Now peer.Negotiation
            then
                negotiate address peer |> ignore

            return answer
        }

    /// Returns the worker's capabilities after a negotiation.
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

    let send
        address
        (peer: WorkerPeer)
        (image: ReadOnlySequence<byte>)
        options
        (left: unit -> TimeSpan)
        deadline
        cancel
        (running: Task voption ref)
        =
        let support = OriginalWorkerSupport.ofPicture image

        // `declines`: the number of extended exchanges that the worker may still decline.
        let rec exchange declines =
            task {
                // Only a request that needs the extended exchange waits for the negotiation.
                let! known =
                    if ClassifyOptions.needExtended options || support <> Supported then
                        negotiated address peer left cancel
                    else
                        Task.FromResult peer.Capabilities

                let isPlain =
                    settings.Mode = ExchangeMode.Plain
                    || known <> PeerCapabilities.Extended
                    || declines = 0

                if isPlain && options.Model.IsSome then
                    return Ok(ClientAnswer.ImageRefused noModel)
                elif isPlain then
                    match! sendPlain address peer image left deadline cancel running with
                    // A new worker may refuse for a reason other than the picture, which the plain exchange can't
                    // express.
                    | Ok(ClientAnswer.ImageRefused refusal) when known = PeerCapabilities.Unknown && declines > 1 ->
                        let! known = negotiated address peer left cancel

                        return!
                            if known = PeerCapabilities.Extended then
                                exchange 1
                            else
                                Task.FromResult(Ok(ClientAnswer.ImageRefused refusal))
                    | answer -> return answer
                else
                    match peer.TryTake() with
                    // The worker has just closed all its connections.
                    | ValueNone when peer.Capabilities <> PeerCapabilities.Extended ->
                        negotiate address peer |> ignore
                        return! exchange declines
                    | ready ->
                        running.Value <- ValueNone

                        let! answer =
                            exchanges.Extended(address, peer, ready, parameters address options, image, left, deadline)

                        match answer with
                        // The worker closed the connection before any answer: by chance at the same moment, or because
                        // another worker replaced it.
                        | Ok ClientAnswer.Declined ->
                            peer.Update Negotiation.away
                            negotiate address peer |> ignore

                            return!
                                exchange (
                                    if ClassifyOptions.needExtended options then
                                        declines - 1
                                    else
                                        0
                                )
                        | answer -> return answer
            }

        task {
            match! exchange maxDeclines with
            | Ok(ClientAnswer.Recognized recognition) ->
                refresh address peer recognition.Revision
                return Succeeded recognition
            | Ok(ClientAnswer.ImageRefused refusal) ->
                if refusal.Reason = WorkerRefusal.NoSuchModel then
                    peer.Negotiate(fun () -> exchanges.Describe(address, peer, ValueNone)) |> ignore

                return PictureRefused refusal
            | Ok(ClientAnswer.Described _)
            | Ok ClientAnswer.Declined -> return invalidOp "A plain exchange has no parameters to decline."
            | Error(failure, detail) -> return Failed(failure, detail)
        }

    let outcomeOf address image options timeout cancel (running: Task voption ref) =
        task {
            let left = exchanges.Countdown timeout
            use deadline: Deadline = new Deadline(time, cancel)
            let peer = pool.GetPeer address
            let! outcome = send address peer image options left deadline cancel running

            match outcome with
            // The picture may be the cause; the caller determines that.
            | Failed(failure, _) when running.Value.IsSome && Failure.isSilent failure -> ()
            | Failed _ -> pool.Reset(address, peer)
            | Succeeded _
            | PictureRefused _ -> ()

            return outcome
        }

    /// Starts the classification of `image`, 1 byte … 24 MiB; it ends within `timeout`, or when `cancel` fires.
    member _.Begin
        (
            address: WorkerAddress,
            image: ReadOnlySequence<byte>,
            options: ClassifyOptions,
            timeout: TimeSpan,
            cancel: CancellationToken
        ) : PendingExchange =
        let running = ref ValueNone
        let outcome = outcomeOf address image options timeout cancel running

        {
            Outcome = outcome
            WaitForCompletion =
                fun () ->
                    task {
                        do! Task.WhenAny outcome :> Task

                        match running.Value with
                        | ValueSome(run: Task) -> do! run
                        | ValueNone -> ()
                    }
            IsPlain = fun () -> running.Value.IsSome
        }

    /// Returns only the outcome.
    member client.Send(address, image, options, timeout, cancel) =
        client.Begin(address, image, options, timeout, cancel).Outcome

    /// Returns the known capabilities of the worker at this address.
    member _.Capabilities(address: WorkerAddress) = (pool.GetPeer address).Capabilities

    /// Negotiates in the background. Completes when the capabilities are known or the worker can't be reached.
    member _.Negotiate(address: WorkerAddress) : Task =
        if settings.Mode = ExchangeMode.Plain then
            Task.CompletedTask
        else
            negotiate address (pool.GetPeer address)

    /// Resets a failed worker: another worker may replace it.
    member _.Reset(address: WorkerAddress) =
        pool.Reset(address, pool.GetPeer address)

    /// Returns the class names of a model: stored ones, or those that the worker describes; none if the worker can't be
    /// queried.
    member _.Labels(address: WorkerAddress, model: ModelDescription) : Task<string[] voption> =
        task {
            if (directory.TryLabels model).IsNone then
                let name =
                    {
                        Id = model.Id
                        Version = ValueSome model.Version
                    }

                do! exchanges.Describe(address, pool.GetPeer address, ValueSome name)

            return directory.TryLabels model
        }

    /// Drops everything about a worker that was removed from the list.
    member _.Forget(address: WorkerAddress) =
        directory.Forget address
        pool.Forget address

    interface IDisposable with
        member _.Dispose() = (pool :> IDisposable).Dispose()
