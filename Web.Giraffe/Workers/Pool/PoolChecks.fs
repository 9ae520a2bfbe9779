namespace Web.Giraffe

open System

/// Schedules active health checks. Pure, like the rest of the pool's policy.
[<RequireQualifiedAccess>]
module PoolChecks =

    /// The check interval for ejected workers while no worker is in the rotation.
    let private eager = TimeSpan.FromSeconds 1.0

    /// Returns the workers to check now: those in the rotation without an answer for `interval`, and those ejected that
    /// are due for a retry or were not checked for `interval` (for a second while no worker is in the rotation).
    let due (now: TimeSpan) (interval: TimeSpan) pool : WorkerAddress list =
        let noneIn =
            pool.Workers.Values |> Seq.forall (fun worker -> worker.Phase <> InRotation)

        let before limit time =
            match time with
            | ValueSome time -> now - time >= limit
            | ValueNone -> true

        let wanted worker =
            match worker.Phase with
            | InRotation -> before interval worker.LastCheck && before interval worker.LastSuccess
            | Ejected retryAt ->
                retryAt <= now
                || before (if noneIn then min eager interval else interval) worker.LastCheck
            | Probing _
            | Drained
            | Leaving -> false

        [
            for worker in pool.Workers.Values do
                if wanted worker then
                    worker.Address
        ]

    /// Starts a check, unless the worker is being probed or removed. A drained worker stays drained.
    let start (now: TimeSpan) address pool : struct (PoolState * Lease voption) =
        match PoolIndex.tryFindAddress address pool with
        | Some worker when not (worker.Phase.IsProbing || worker.Phase.IsLeaving) ->
            let worker =
                { PooledWorker.probe worker with
                    LastCheck = ValueSome now
                }

            struct (PoolIndex.put worker pool, ValueSome(PooledWorker.lease true now worker))
        | _ -> struct (pool, ValueNone)
