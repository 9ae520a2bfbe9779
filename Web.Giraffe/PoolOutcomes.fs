namespace Web.Giraffe

open System

/// What a turn came to, a check's as well: the worker's place is free again, and it stays, goes or comes back. Pure, as
/// the rest of the pool's policy.
[<RequireQualifiedAccess>]
module PoolOutcomes =

    // The worker that a turn was about, its place given back; nothing where it has gone.
    let private giveBack (turn: Turn) pool =
        match pool.Workers |> Array.tryFindIndex (fun worker -> worker.Serial = turn.Serial) with
        | Some index ->
            let worker = pool.Workers[index]
            let taken = if turn.IsCheck then 0 else 1

            ValueSome
                struct (index,
                        { worker with
                            InFlight = worker.InFlight - taken
                        })
        | None -> ValueNone

    /// The worker answered, be it that it refused the image.
    let succeeded (now: TimeSpan) (turn: Turn) pool : struct (WorkerPool * Verdict) =
        match giveBack turn pool with
        | ValueNone -> struct (pool, Unchanged)
        | ValueSome(index, worker) ->
            let worker = PooledWorker.answered now turn worker

            match worker.Phase with
            | Probing _ when worker.Epoch = turn.Epoch ->
                struct (WorkerPool.put index (PooledWorker.back worker) pool, BroughtBack)
            | _ -> struct (WorkerPool.settle index worker pool, Unchanged)

    /// The exchange ended without a word about the worker: the user went away, or the request ran out of time.
    let abandoned (turn: Turn) pool : WorkerPool =
        match giveBack turn pool with
        | ValueNone -> pool
        | ValueSome(index, worker) ->
            match worker.Phase with
            | Probing retryAt when worker.Epoch = turn.Epoch ->
                WorkerPool.put index (PooledWorker.enter (Ejected retryAt) worker) pool
            | _ -> WorkerPool.settle index worker pool

    /// The transport failed. `jitter`, 0 … 1, makes the wait up to a fifth longer. A report about an exchange that
    /// began before the worker's last change of phase only gives its place back.
    let failed (now: TimeSpan) (jitter: float) (turn: Turn) (error: string) pool : struct (WorkerPool * Verdict) =
        let takeOut index worker verdict =
            let struct (worker, retryAt) = PooledWorker.out pool.Policy now jitter error worker
            struct (WorkerPool.put index worker pool, verdict retryAt)

        match giveBack turn pool with
        | ValueNone -> struct (pool, Unchanged)
        | ValueSome(index, worker) when worker.Epoch <> turn.Epoch ->
            struct (WorkerPool.settle index worker pool, Unchanged)
        | ValueSome(index, worker) ->
            match worker.Phase with
            // A check before its time says nothing new.
            | Probing retryAt when turn.IsCheck && now < retryAt ->
                struct (WorkerPool.put index (PooledWorker.enter (Ejected retryAt) worker) pool, StillOut retryAt)
            | Probing _ -> takeOut index worker StillOut
            // A check must not delete a worker that is only starting.
            | InRotation when
                pool.Policy.OnFailure = OnFailure.Remove
                && turn.IsCheck
                && worker.LastSuccess.IsNone
                ->
                struct (WorkerPool.put index worker pool, Unchanged)
            | InRotation when pool.Policy.OnFailure = OnFailure.Remove ->
                struct (WorkerPool.takeOff index worker pool, Deleted)
            | InRotation -> takeOut index worker TakenOut
            | Resting -> struct (WorkerPool.put index (PooledWorker.noted error worker) pool, Unchanged)
            | Ejected _
            | Leaving -> struct (WorkerPool.settle index worker pool, Unchanged)
