namespace Web.Giraffe

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Diagnostics.Metrics
open System.Threading

/// The counters of one worker while it is on the list.
[<Sealed>]
type private WorkerCounts() =
    let outcomes = [| "answered"; "image_refused"; "failed" |]
    let exchanges = Array.zeroCreate<int64> outcomes.Length
    let mutable ejections = 0L

    member _.Exchanged(outcome: string) =
        match Array.IndexOf(outcomes, outcome) with
        | -1 -> ()
        | index -> Interlocked.Increment &exchanges[index] |> ignore

    member _.Ejected() =
        Interlocked.Increment &ejections |> ignore

    /// The outcomes and their counts.
    member _.Exchanges =
        [
            for outcome, count in Seq.zip outcomes exchanges do
                if count > 0L then
                    outcome, count
        ]

    member _.Ejections = Volatile.Read &ejections

/// The series with a worker's name. They exist while the worker is on the list.
[<RequireQualifiedAccess>]
module WorkerSeries =

    /// The instruments' names, for a view.
    let names = [ "recognition.web.exchanges"; "recognition.web.ejections" ]

    /// The maximum number of series per instrument.
    let limit = 10_000

    /// OpenTelemetry frees the memory of a removed series only with its instrument. After this many removals, the
    /// instruments are created again.
    [<Literal>]
    let private Departures = 500

    let private workers = ConcurrentDictionary<WorkerAddress, WorkerCounts>()

    let private exchanges () : Measurement<int64> seq =
        [
            for KeyValue(worker, counts) in workers do
                for outcome, count in counts.Exchanges do
                    Measurement(count, WebMeter.tag "worker" (string worker), WebMeter.tag "outcome" outcome)
        ]

    let private ejections () : Measurement<int64> seq =
        [
            for KeyValue(worker, counts) in workers do
                Measurement(counts.Ejections, WebMeter.tag "worker" (string worker))
        ]

    let private create () =
        let meter = new Meter(WebMeter.Name)

        meter.CreateObservableCounter<int64>(
            names[0],
            Func<Measurement<int64> seq> exchanges,
            "{exchange}",
            "Exchanges with workers, by worker and outcome."
        )
        |> ignore

        meter.CreateObservableCounter<int64>(
            names[1],
            Func<Measurement<int64> seq> ejections,
            "{ejection}",
            "Ejections of a worker from the rotation after a failure."
        )
        |> ignore

        meter

    let private gate = obj ()
    let mutable private meter: Meter voption = ValueNone
    let mutable private departures = 0

    /// Creates the series before the first event, so that the first increase is visible.
    let add worker =
        workers.TryAdd(worker, WorkerCounts()) |> ignore

        lock gate (fun () ->
            if meter.IsNone then
                meter <- ValueSome(create ()))

    let remove worker =
        if fst (workers.TryRemove(worker: WorkerAddress)) then
            lock gate (fun () ->
                departures <- departures + 1

                if departures >= Departures then
                    departures <- 0
                    meter |> ValueOption.iter _.Dispose()
                    meter <- ValueSome(create ()))

    let private count (worker: WorkerAddress) (change: WorkerCounts -> unit) =
        match workers.TryGetValue worker with
        | true, counts -> change counts
        | _ -> ()

    let exchanged worker outcome =
        count worker (fun counts -> counts.Exchanged outcome)

    let ejected worker =
        count worker (fun counts -> counts.Ejected())
