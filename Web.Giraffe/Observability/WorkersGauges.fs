namespace Web.Giraffe

open System
open System.Diagnostics.Metrics
open System.Threading.Tasks
open Microsoft.Extensions.Hosting

/// Gauges of the worker list, read when metrics are collected.
[<Sealed>]
type WorkersGauges(pool: WorkerPool) =
    let meter = new Meter(WebMeter.Name)

    let gauge name unit description (read: unit -> int64) =
        meter.CreateObservableUpDownCounter<int64>(name, Func<int64> read, unit, description)
        |> ignore

    let states () : Measurement<int64> seq =
        let report = (pool :> IWorkerList).Report()

        let count name is =
            Measurement(
                report |> Seq.filter (fun worker -> is worker.State) |> Seq.length |> int64,
                WebMeter.tag "state" name
            )

        [
            count "active" _.IsActive
            count "inactive" _.IsEjected
            count "draining" _.IsDraining
            count "drained" _.IsDrained
            count "removing" _.IsRemoving
        ]

    do
        meter.CreateObservableUpDownCounter<int64>(
            "recognition.web.workers",
            Func<Measurement<int64> seq> states,
            "{worker}",
            "Workers on the list, by state."
        )
        |> ignore

        gauge "recognition.web.in_flight" "{request}" "Requests in flight at the workers." (fun () ->
            (pool :> IWorkerList).Report()
            |> Array.sumBy (fun worker -> int64 worker.InFlight))

        gauge "recognition.web.queue.length" "{request}" "Requests that wait for a worker." (fun () ->
            int64 pool.Waiting)

    // A hosted service, so that the gauges exist from the start.
    interface IHostedService with
        member _.StartAsync _ =
            WorkersMetrics.start ()

            for worker in (pool :> IWorkerList).Report() do
                WorkerSeries.add worker.Address

            pool.Edited.Add(fun edit ->
                match edit.Change with
                | Added -> WorkerSeries.add edit.Address
                | Removed -> WorkerSeries.remove edit.Address
                | _ -> ())

            Task.CompletedTask

        member _.StopAsync _ = Task.CompletedTask

    interface IDisposable with
        member _.Dispose() = meter.Dispose()
