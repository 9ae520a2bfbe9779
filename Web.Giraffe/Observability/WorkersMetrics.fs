namespace Web.Giraffe

open System
open System.Diagnostics.Metrics
open Protocol.Core

/// The metrics of the workers half, by OpenTelemetry's conventions; `docs/operations.md` lists them. Nothing is counted
/// without a listener. Tags have few values: never a client's, a file's or an error's own text.
[<RequireQualifiedAccess>]
module WorkersMetrics =

    let private meter = new Meter(WebMeter.Name)

    /// Bucket boundaries in seconds: from a picture that is already in memory to a user who has given up.
    let private seconds =
        InstrumentAdvice<float>(
            HistogramBucketBoundaries =
                [|
                    0.001
                    0.002
                    0.005
                    0.01
                    0.015
                    0.02
                    0.03
                    0.05
                    0.075
                    0.1
                    0.15
                    0.2
                    0.25
                    0.3
                    0.4
                    0.5
                    0.75
                    1.0
                    1.5
                    2.0
                    3.0
                    5.0
                    7.5
                    10.0
                |]
        )

    /// Bucket boundaries in bytes: from a thumbnail to the largest picture.
    let private bytes =
        InstrumentAdvice<int64>(HistogramBucketBoundaries = [| for power in 10..2..24 -> 1L <<< power |])

    let private counter name unit description =
        meter.CreateCounter<int64>(name, unit, description)

    let private durations name description =
        meter.CreateHistogram<float>(name, "s", description, [], seconds)

    let private requests =
        counter "recognition.web.requests" "{request}" "Classification requests, by outcome."

    let private requestTime =
        durations
            "recognition.web.request.duration"
            "Duration of a request from the picture's last byte to the answer, by outcome."

    let private stageTime =
        durations
            "recognition.web.stage.duration"
            "Duration of a request's stages: queue (the wait for a worker), exchange (with the worker, in total), transfer (the part of the exchange that the worker does not report), and worker_queue, decode and inference as the worker reports them."

    let private pictures =
        meter.CreateHistogram<int64>(
            "recognition.web.picture.size",
            "By",
            "Size of the pictures to classify.",
            [],
            bytes
        )

    let private traffic =
        counter "recognition.web.worker.io" "By" "Bytes to (transmit) and from (receive) the workers."

    let private retries =
        counter "recognition.web.retries" "{retry}" "Requests sent to another worker after one failed."

    let private cacheRequests =
        counter
            "recognition.web.cache.requests"
            "{request}"
            "Requests that the response cache answered (hit) or not (miss)."

    let private outcomeTag = WebMeter.tag "outcome"
    let private stage = WebMeter.tag "stage"
    let private transmit = WebMeter.tag "network.io.direction" "transmit"
    let private receive = WebMeter.tag "network.io.direction" "receive"
    let private hit = WebMeter.tag "result" "hit"
    let private miss = WebMeter.tag "result" "miss"
    let private queue = stage "queue"
    let private exchange = stage "exchange"
    let private transfer = stage "transfer"

    let private ended (value: string) (elapsed: TimeSpan) =
        let tag = outcomeTag value
        requests.Add(1L, tag)
        requestTime.Record(elapsed.TotalSeconds, tag)

    let private outcomeOf error =
        match error with
        | NoActiveWorker -> "no_worker"
        | UnknownModel _ -> "no_model"
        | ImageRefused _ -> "image_refused"
        | Overloaded _ -> "overloaded"
        | OutOfTime -> "out_of_time"

    /// Measures one request with a picture of `length` bytes.
    let request
        (time: TimeProvider)
        (length: int)
        (classify: unit -> Threading.Tasks.Task<Result<Classification, ClassifyError>>)
        =
        task {
            let began = time.GetTimestamp()
            pictures.Record(int64 length)
            let mutable outcome = "broken"

            try
                try
                    let! answer = classify ()

                    outcome <-
                        match answer with
                        | Ok _ -> "answered"
                        | Error reason -> outcomeOf reason

                    return answer
                with :? OperationCanceledException as gone ->
                    outcome <- "cancelled"
                    return Exceptions.rethrow gone
            finally
                ended outcome (time.GetElapsedTime began)
        }

    let queued (elapsed: TimeSpan) =
        stageTime.Record(elapsed.TotalSeconds, queue)

    let private remote name =
        match name with
        | "queue" -> ValueSome(stage "worker_queue")
        | "decode"
        | "inference" -> ValueSome(stage name)
        // Unknown stages from a worker must not create series.
        | _ -> ValueNone

    let exchanged (worker: WorkerAddress) (outcome: string) (elapsed: TimeSpan) (times: StageTime[]) =
        WorkerSeries.exchanged worker outcome

        if stageTime.Enabled then
            stageTime.Record(elapsed.TotalSeconds, exchange)

            if times.Length > 0 then
                let mutable rest = elapsed.TotalMilliseconds

                for time in times do
                    match remote time.Stage with
                    | ValueSome stage ->
                        rest <- rest - time.Milliseconds
                        stageTime.Record(max 0.0 time.Milliseconds / 1000.0, stage)
                    | ValueNone -> ()

                stageTime.Record(max 0.0 rest / 1000.0, transfer)

    let sent (bytes: int) = traffic.Add(int64 bytes, transmit)
    let received (bytes: int64) = traffic.Add(bytes, receive)

    /// Counts a request to the response cache.
    let cached isHit =
        cacheRequests.Add(1L, (if isHit then hit else miss))

    let retried () = retries.Add 1L

    /// Creates the series before the first event, so that the first increase is visible.
    let start () =
        for outcome in
            [
                "answered"
                "no_worker"
                "image_refused"
                "overloaded"
                "out_of_time"
                "cancelled"
                "broken"
            ] do
            requests.Add(0L, outcomeTag outcome)

        retries.Add 0L
        cacheRequests.Add(0L, hit)
        cacheRequests.Add(0L, miss)
