namespace Web.Giraffe

open System

/// Reports the pool's state.
[<RequireQualifiedAccess>]
module PoolReport =
    /// Returns the worker that would receive a request now; none if the policy is random.
    let private next now (pool: PoolState) =
        match PoolState.pick now 0.0 Set.empty pool with
        | _ when pool.Policy.LoadBalancingPolicy = LoadBalancingPolicy.PowerOfTwoChoices -> ValueNone
        | struct (_, Chosen lease) -> ValueSome lease.Serial
        | _ -> ValueNone

    let private state (beganAt: DateTimeOffset) (worker: PooledWorker) : WorkerStatus =
        match worker.Phase with
        | InRotation -> Active
        | Ejected retryAt
        | Probing retryAt -> WorkerStatus.Ejected(beganAt + retryAt)
        | Drained when worker.InFlight > 0 -> Draining
        | Drained -> WorkerStatus.Drained
        | Leaving -> Removing

    /// Returns one row per worker, in round-robin order. `beganAt` is the zero of the pool's clock.
    let rows (beganAt: DateTimeOffset) (now: TimeSpan) (pool: PoolState) : WorkerReport[] =
        let next = next now pool

        PoolState.workers pool
        |> Array.map (fun worker ->
            {
                Address = worker.Address
                State = state beganAt worker
                IsNext = next = ValueSome worker.Serial
                Uses = worker.Uses
                Failures = worker.Failures
                InFlight = worker.InFlight
                Median = PooledWorker.median worker
                LastError = ValueOption.toOption worker.LastError
                LastErrorAt =
                    worker.LastErrorAt
                    |> ValueOption.toOption
                    |> Option.map (fun at -> beganAt + at)
                Answered = worker.LastSuccess |> ValueOption.toOption |> Option.map (fun at -> now - at)
            })
