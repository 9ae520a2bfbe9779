namespace Web.Giraffe

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Logging
open Protocol.Core

/// Sends each picture to a worker, and to another one if that worker fails.
[<Sealed>]
type Dispatcher
    (
        settings: WorkersSettings,
        list: WorkerPool,
        client: WorkerClient,
        directory: ModelDirectory,
        time: TimeProvider,
        log: ILogger<Dispatcher>
    ) =

    let retryAfter = TimeSpan.FromSeconds 1.0
    let retries = RetryQueue(settings.Queue, time)
    let timerPrecision = TimeSpan.FromMilliseconds 20.0
    let exchanges = LeasedExchanges(list, client, time)
    let attribution = FailureAttribution(settings, list, client)
    let routing = PictureRouting(list, client, directory)

    let unanswerable =
        Refusal.create
            "NoAnswer"
            "A worker did not answer for this picture, but answers for others. The picture may be damaged, truncated or transparent. Save it again as an RGB JPEG or PNG."

    do
        list.Edited.Add(fun edit ->
            if edit.Change = Removed then
                client.Forget edit.Address)

    let classify
        (image: ReadOnlySequence<byte>)
        (options: ClassifyOptions)
        (model: ModelRoute)
        (cancel: CancellationToken)
        =
        let began = time.GetTimestamp()
        let support = OriginalWorkerSupport.ofPicture image
        let elapsed () = time.GetElapsedTime began

        // A timer may fire slightly early.
        let left () =
            let left = settings.Request - elapsed ()
            if left < timerPrecision then TimeSpan.Zero else left

        let unanswered attempts reason =
            WorkersLog.requestFailed log reason attempts (elapsed ())
            Error reason

        let finished (lease: Lease) attempts result =
            WorkersLog.exchangeFinished log lease.Address result (int image.Length) attempts (elapsed ())

        let toWorker address =
            { options with
                Model = directory.Parameter(address, options.Model.IsSome, model)
                Confidence = ValueSome settings.Confidence
            }

        // Returns the next worker's outcome, or why there is none: `none` if all were tried. `isRetry`: the attempt
        // holds a retry from the budget and releases it at the end.
        let attempt (tried: Set<WorkerAddress>) (none: ClassifyError) isRetry =
            task {
                try
                    let queuedAt = time.GetTimestamp()

                    let! acquired =
                        WorkersSpans.queue (fun () ->
                            routing.Take(support, none.IsImageRefused, Set.union model.Lacking tried, left, cancel))

                    WorkersMetrics.queued (time.GetElapsedTime queuedAt)

                    match acquired with
                    | Acquired lease ->
                        WorkersLog.workerChosen log lease.Address (tried.Count + 1)

                        let! struct (outcome, isPlain) =
                            exchanges.Ask(
                                lease,
                                tried.Count + 1,
                                image,
                                toWorker lease.Address,
                                min settings.Client.Exchange (left ()),
                                cancel
                            )

                        return Ok(struct (lease, outcome, isPlain))
                    | QueueFull -> return Error(Overloaded retryAfter)
                    | TimedOut -> return Error OutOfTime
                    | NoWorkers -> return Error(routing.NoWorkers(support, none))
                finally
                    if isRetry then
                        retries.Ended()
            }

        // `sent`: the number of workers reached so far; `most`: its limit.
        let rec go (tried: Set<WorkerAddress>) none sent most isRetry =
            task {
                match! attempt tried none isRetry with
                | Error reason -> return unanswered tried.Count reason
                | Ok(struct (lease, outcome, isPlain)) ->
                    let tried = tried.Add lease.Address

                    match outcome with
                    // A worker that describes nothing, and turns out to serve another model than the default one.
                    | Replied(Succeeded recognition) when
                        options.Model.IsSome
                        && recognition.Model <> ""
                        && recognition.Model <> model.Name.Id
                        ->
                        list.Refused lease
                        finished lease tried.Count $"by another model, {recognition.Model}"
                        return! retry tried none (sent + 1) most
                    | Replied(Succeeded recognition) ->
                        list.Succeeded lease
                        finished lease tried.Count "answered"

                        return
                            Ok
                                {
                                    Recognition =
                                        if recognition.Model = "" then
                                            { recognition with
                                                Model = model.Name.Id
                                            }
                                        else
                                            recognition
                                    Worker = lease.Address
                                    Elapsed = elapsed ()
                                    Attempts = tried.Count
                                    IsCached = false
                                }
                    // The worker is healthy but already has enough pictures as costly as this one; another worker may
                    // have none.
                    | Replied(Undecodable refusal) when refusal.Reason = "Busy" ->
                        list.Busy lease
                        finished lease tried.Count "busy with large images"
                        return! retry tried (Overloaded retryAfter) (sent + 1) most
                    // The worker's models have just changed.
                    | Replied(Undecodable refusal) when refusal.Reason = ModelRefused ->
                        list.Refused lease
                        finished lease tried.Count "without the model"
                        return! retry tried none (sent + 1) most
                    | Replied(Undecodable refusal) ->
                        list.Refused lease

                        finished
                            lease
                            tried.Count
                            (if refusal.Reason = "" then
                                 "image refused"
                             else
                                 $"image refused ({refusal.Reason})")

                        return Error(ImageRefused(lease.Address, refusal))
                    // If the request timed out, the failure is not the worker's: it had less than its full time.
                    | Failed(failure, detail) when isPlain && Failure.isSilent failure && left () > TimeSpan.Zero ->
                        return! onSilentFailure lease tried none sent most failure detail
                    | Failed(failure, detail) -> return! onFailure lease tried none sent most failure detail
            }

        // Retries if the attempts and the retry budget allow it.
        and retry tried none sent most =
            task {
                let left = left ()

                if left = TimeSpan.Zero then
                    return unanswered tried.Count OutOfTime
                elif sent >= most then
                    return unanswered tried.Count none
                else
                    match! retries.Take(left, cancel) with
                    | true ->
                        WorkersMetrics.retried ()
                        return! go tried none sent most true
                    | false -> return unanswered tried.Count (Overloaded retryAfter)
            }

        // A plain worker received the picture and did not answer.
        and onSilentFailure lease tried none sent most failure detail =
            task {
                WorkersLog.exchangeFailed log lease.Address failure tried.Count
                let attributed = attribution.Attribute(lease, failure, detail)

                let most =
                    if FailureAttribution.MayBeCausedByPicture failure then
                        min most (sent + 2)
                    else
                        most

                try
                    match! attributed.WaitAsync(left (), time, cancel) with
                    | true when none.IsImageRefused -> return unanswered tried.Count none
                    | true -> return! retry tried (ImageRefused(lease.Address, unanswerable)) (sent + 1) most
                    | false -> return! retry tried none (sent + 1) most
                with :? TimeoutException ->
                    return unanswered tried.Count OutOfTime
            }

        and onFailure lease tried none sent most failure detail =
            task {
                WorkersLog.exchangeFailed log lease.Address failure tried.Count
                let left = left ()

                // If the request timed out, the worker had less than its full time, so this is not its failure.
                if failure.Cause = Cause.TimedOut && left = TimeSpan.Zero then
                    list.Abandoned lease
                else
                    list.Failed(lease, failure, detail)

                // A failed connect does not count as an attempt and needs no retry budget.
                if failure.Stage <> Stage.Connect then
                    let most =
                        if FailureAttribution.MayBeCausedByPicture failure then
                            min most (sent + 2)
                        else
                            most

                    return! retry tried none (sent + 1) most
                elif left = TimeSpan.Zero then
                    return unanswered tried.Count OutOfTime
                else
                    return! go tried none sent most false
            }

        go Set.empty NoActiveWorker 0 settings.MaxAttempts false

    interface IRecognizer with
        member _.Classify(image, options, cancel) =
            if
                image.IsEmpty
                || Message.payloadLength Parameters.none image > settings.Client.Limits.MaxPayload
            then
                invalidArg (nameof image) "A picture has 1 byte to 24 MiB."

            if options.Top |> ValueOption.exists (fun top -> top < 1 || top > 1000) then
                invalidArg (nameof options) "An answer has 1 to 1,000 classes."

            retries.Requested()

            WorkersMetrics.request time (int image.Length) (fun () ->
                match routing.Find options with
                | ModelLookup.Routed model -> classify image options model cancel
                | ModelLookup.NotNow -> Task.FromResult(Error NoActiveWorker)
                | ModelLookup.NoSuchModel available ->
                    let name =
                        options.Model |> ValueOption.defaultValue (ModelName.ofId directory.Default)

                    Task.FromResult(Error(UnknownModel(name, available))))
