namespace Web.Giraffe

open System

/// What an operator does to a worker that stays on the list. Pure, as the rest of the pool's policy.
[<RequireQualifiedAccess>]
module PoolDrain =
    let private enter (phase: PooledWorker -> bool) change said otherwise address pool =
        match PoolIndex.tryFindAddress address pool with
        | Some worker when worker.Phase <> Leaving ->
            if phase worker then
                struct (PoolIndex.put (change worker) pool, said)
            else
                struct (pool, otherwise)
        | _ -> struct (pool, NotThere)

    /// Gets no further request, and no failure of what it still has counts; what it has it finishes.
    let drain address (pool: PoolState) : struct (PoolState * ListChange) =
        enter
            (fun worker -> worker.Phase <> Paused)
            (PooledWorker.enter Paused)
            DrainStarted
            AlreadyDrained
            address
            pool

    /// Back in the rotation, whatever it was before it rested.
    let resume address (pool: PoolState) : struct (PoolState * ListChange) =
        enter (fun worker -> worker.Phase = Paused) PooledWorker.back Resumed NotDrained address pool

/// What people are shown of the pool.
[<RequireQualifiedAccess>]
module PoolReport =
    /// Who would get a request that came now; nobody knows where the policy draws.
    let private next now (pool: PoolState) =
        match PoolState.pick now 0.0 Set.empty pool with
        | _ when pool.Policy.LoadBalancingPolicy = LoadBalancingPolicy.PowerOfTwoChoices -> ValueNone
        | struct (_, Chosen turn) -> ValueSome turn.Serial
        | _ -> ValueNone

    let private state (beganAt: DateTimeOffset) (worker: PooledWorker) : WorkerState =
        match worker.Phase with
        | InRotation -> Active
        | Ejected retryAt
        | Probing retryAt -> Inactive(beganAt + retryAt)
        | Paused when worker.InFlight > 0 -> Draining
        | Paused -> Drained
        | Leaving -> Removing

    /// One row for each worker, in the order of the turns; `beganAt` is when the pool's clock stood at zero.
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
                Answered = worker.LastSuccess |> ValueOption.toOption |> Option.map (fun at -> now - at)
            })
