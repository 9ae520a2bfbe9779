namespace Web.Giraffe

open System
open System.Threading.Tasks
open Microsoft.Extensions.Logging
open Protocol.Core

/// Sends each picture to a worker, and to another one if that worker fails.
[<Sealed>]
type Dispatcher
    (
        settings: WorkersSettings,
        pool: WorkerPool,
        client: WorkerClient,
        directory: ModelDirectory,
        time: TimeProvider,
        log: ILogger<Dispatcher>
    ) =

    let overloaded = Overloaded(TimeSpan.FromSeconds 1.0)
    let retries = RetryQueue(settings.Queue, time)
    let exchanges = LeasedExchanges(pool, client, time)
    let attribution = FailureAttribution(settings, pool, client)
    let routing = PictureRouting(pool, client, directory)

    let unanswerable =
        Refusal.create
            "NoAnswer"
            "A worker did not answer for this picture, but answers for others. The picture may be damaged, truncated or transparent. Save it again as an RGB JPEG or PNG."

    do
        pool.Edited.Add(fun edit ->
            if edit.Change = Removed then
                client.Forget edit.Address)

    let unanswered (request: DispatchedRequest) reason =
        WorkersLog.requestFailed log reason request.Tried.Count request.Elapsed
        ValueSome(Error reason)

    let finished (request: DispatchedRequest) (lease: Lease) result =
        let bytes = int request.Image.Length
        WorkersLog.exchangeFinished log lease.Address result bytes request.Tried.Count request.Elapsed

    /// Returns the next worker's outcome, or why there is none.
    let attempt (request: DispatchedRequest) =
        task {
            try
                let queuedAt = time.GetTimestamp()
                let! acquired = WorkersSpans.queue (fun () -> routing.Take request)
                WorkersMetrics.queued (time.GetElapsedTime queuedAt)

                match acquired with
                | Acquired lease ->
                    WorkersLog.workerChosen log lease.Address (request.Tried.Count + 1)

                    let options =
                        { request.Options with
                            Model = directory.Parameter(lease.Address, request.Options.Model.IsSome, request.Model)
                            Confidence = ValueSome settings.Confidence
                        }

                    let! struct (outcome, isPlain) =
                        exchanges.Send(lease, request, options, min settings.Client.Exchange request.Left)

                    request.Tried <- request.Tried.Add lease.Address
                    return Ok(struct (lease, outcome, isPlain))
                | QueueFull -> return Error overloaded
                | TimedOut -> return Error OutOfTime
                | NoWorkers -> return Error(routing.NoWorkers request)
            finally
                if request.HoldsRetry then
                    request.HoldsRetry <- false
                    retries.Ended()
        }

    /// Allows an attempt with another worker after one was reached, within the attempts and the retry budget.
    let retry (request: DispatchedRequest) =
        task {
            request.Sent <- request.Sent + 1
            let left = request.Left

            if left = TimeSpan.Zero then
                return unanswered request OutOfTime
            elif request.Sent >= request.MaxSent then
                return unanswered request request.ErrorIfNoneLeft
            else
                match! retries.Take(left, request.Cancel) with
                | true ->
                    WorkersMetrics.retried ()
                    request.HoldsRetry <- true
                    return ValueNone
                | false -> return unanswered request overloaded
        }

    let onSuccess (request: DispatchedRequest) (lease: Lease) (recognition: Recognition) =
        let model = request.Model.Name.Id

        // A worker that describes nothing, and turns out to serve another model than the default one.
        if
            request.Options.Model.IsSome
            && recognition.Model <> ""
            && recognition.Model <> model
        then
            pool.Refused lease
            finished request lease $"by another model, {recognition.Model}"
            retry request
        else
            pool.Succeeded lease
            finished request lease "answered"

            {
                Recognition =
                    if recognition.Model = "" then
                        { recognition with Model = model }
                    else
                        recognition
                Worker = lease.Address
                Elapsed = request.Elapsed
                Attempts = request.Tried.Count
                IsCached = false
            }
            |> Ok
            |> ValueSome
            |> Task.FromResult

    let onRefusal (request: DispatchedRequest) (lease: Lease) (refusal: Refusal) =
        match refusal.Reason with
        // The worker is healthy but already has enough pictures as costly as this one; another worker may have none.
        | WorkerRefusal.Busy ->
            pool.Busy lease
            finished request lease "busy with large images"
            request.ErrorIfNoneLeft <- overloaded
            retry request
        // The worker's models have just changed.
        | WorkerRefusal.NoSuchModel ->
            pool.Refused lease
            finished request lease "without the model"
            retry request
        | reason ->
            pool.Refused lease

            finished
                request
                lease
                (if reason = "" then
                     "image refused"
                 else
                     $"image refused ({reason})")

            Task.FromResult(ValueSome(Error(ImageRefused(lease.Address, refusal))))

    /// A plain worker received the picture and did not answer.
    let onSilence (request: DispatchedRequest) (lease: Lease) failure detail =
        task {
            let attributed = attribution.Attribute(lease, failure, detail)

            try
                match! attributed.WaitAsync(request.Left, time, request.Cancel) with
                | true when request.ErrorIfNoneLeft.IsImageRefused -> return unanswered request request.ErrorIfNoneLeft
                | isPicture ->
                    if isPicture then
                        request.ErrorIfNoneLeft <- ImageRefused(lease.Address, unanswerable)

                    return! retry request
            with :? TimeoutException ->
                return unanswered request OutOfTime
        }

    let onFailure (request: DispatchedRequest) (lease: Lease) (failure: Failure) detail isPlain =
        let left = request.Left
        WorkersLog.exchangeFailed log lease.Address failure request.Tried.Count

        if FailureAttribution.MayBeCausedByPicture failure then
            request.MaxSent <- min request.MaxSent (request.Sent + 2)

        if isPlain && Failure.isSilent failure && left > TimeSpan.Zero then
            onSilence request lease failure detail
        else
            // If the request timed out, the worker had less than its full time, so this is not its failure.
            if failure.Cause = Cause.TimedOut && left = TimeSpan.Zero then
                pool.Abandoned lease
            else
                pool.Failed(lease, failure, detail)

            // A failed connect does not count as an attempt and needs no retry budget.
            if failure.Stage <> Stage.Connect then
                retry request
            elif left = TimeSpan.Zero then
                Task.FromResult(unanswered request OutOfTime)
            else
                Task.FromResult ValueNone

    let classify (request: DispatchedRequest) =
        task {
            let mutable result = ValueNone

            while result.IsNone do
                let! attempted = attempt request

                let! next =
                    match attempted with
                    | Error reason -> Task.FromResult(unanswered request reason)
                    | Ok(struct (lease, Succeeded recognition, _)) -> onSuccess request lease recognition
                    | Ok(struct (lease, PictureRefused refusal, _)) -> onRefusal request lease refusal
                    | Ok(struct (lease, Failed(failure, detail), isPlain)) ->
                        onFailure request lease failure detail isPlain

                result <- next

            return result.Value
        }

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
                | ModelLookup.Routed model ->
                    classify (DispatchedRequest(settings, time, image, options, model, cancel))
                | ModelLookup.NotNow -> Task.FromResult(Error NoActiveWorker)
                | ModelLookup.NoSuchModel available ->
                    let name =
                        options.Model |> ValueOption.defaultValue (ModelName.ofId directory.Default)

                    Task.FromResult(Error(UnknownModel(name, available))))
