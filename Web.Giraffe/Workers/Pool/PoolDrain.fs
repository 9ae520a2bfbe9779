namespace Web.Giraffe

open System

/// Drains and resumes workers. Pure, like the rest of the pool's policy.
[<RequireQualifiedAccess>]
module PoolDrain =
    let private enter (isAllowed: PooledWorker -> bool) change changed unchanged address pool =
        match PoolIndex.tryFindAddress address pool with
        | Some worker when worker.Phase <> Leaving ->
            if isAllowed worker then
                struct (PoolIndex.put (change worker) pool, changed)
            else
                struct (pool, unchanged)
        | _ -> struct (pool, NotThere)

    /// Drains a worker: it receives no new requests and finishes those in flight. Their failures do not count.
    let drain address (pool: PoolState) : struct (PoolState * ListChange) =
        enter
            (fun worker -> worker.Phase <> Drained)
            (PooledWorker.enter Drained)
            DrainStarted
            AlreadyDrained
            address
            pool

    /// Returns a drained worker to the rotation, whatever its earlier state.
    let resume address (pool: PoolState) : struct (PoolState * ListChange) =
        enter (fun worker -> worker.Phase = Drained) PooledWorker.restore Resumed NotDrained address pool

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
        | Probing retryAt -> Inactive(beganAt + retryAt)
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
