namespace Web.Giraffe

open System

/// What a turn came to, a check's as well: the worker's place is free again, and it stays, goes or comes back. Pure, as
/// the rest of the pool's policy.
[<RequireQualifiedAccess>]
module PoolOutcomes =

    /// So many busy answers in a row, over so long, without a success between them, while another worker succeeds.
    [<Literal>]
    let private BusyAnswers = 8

    let private busyFor = TimeSpan.FromSeconds 10.0

    // The worker that a turn was about, its place given back; nothing where it has gone.
    let private giveBack (turn: Lease) (pool: PoolState) =
        match PoolIndex.tryFind turn.Serial pool with
        | Some worker ->
            let taken = if turn.IsCheck then 0 else 1

            ValueSome
                { worker with
                    InFlight = worker.InFlight - taken
                }
        | None -> ValueNone

    /// The worker recognized the picture.
    let succeeded (now: TimeSpan) (turn: Lease) pool : struct (PoolState * HealthTransition) =
        match giveBack turn pool with
        | ValueNone -> struct (pool, Unchanged)
        | ValueSome worker ->
            let worker = PooledWorker.answered now turn worker

            match worker.Phase with
            | Probing _ when worker.Epoch = turn.Epoch ->
                struct (PoolIndex.put (PooledWorker.back worker) pool, BroughtBack)
            | _ -> struct (PoolIndex.settle worker pool, Unchanged)

    // A probe that shows nothing leaves the worker out, until then.
    let private outUntil retryAt (turn: Lease) (worker: PooledWorker) pool =
        match worker.Phase with
        | Probing before when worker.Epoch = turn.Epoch ->
            PoolIndex.put (PooledWorker.enter (Ejected(max before retryAt)) worker) pool
        | _ -> PoolIndex.settle worker pool

    /// The exchange ended without a word about the worker: the user went away, or the request ran out of time.
    let abandoned (turn: Lease) pool : PoolState =
        match giveBack turn pool with
        | ValueNone -> pool
        | ValueSome worker -> outUntil TimeSpan.MinValue turn worker pool

    /// The worker refused the picture. That may be the picture's fault, so it is no failure; but a worker that refuses
    /// everything must not pass for one that works, so it is no success either: the next check is due as if nobody had
    /// asked, and a refused probe brings nobody back.
    let refused (now: TimeSpan) (turn: Lease) (pool: PoolState) : PoolState =
        match giveBack turn pool with
        | ValueNone -> pool
        | ValueSome worker -> outUntil (now + pool.Policy.FirstRetry) turn worker pool

    // Out of the rotation, or off it for longer.
    let private takeOut now jitter error worker (pool: PoolState) verdict =
        let struct (worker, retryAt) = PooledWorker.out pool.Policy now jitter error worker

        struct (PoolIndex.put worker pool, verdict retryAt)

    let private fail now jitter (turn: Lease) error (worker: PooledWorker) (pool: PoolState) =
        match worker.Phase with
        // A check before its time says nothing new.
        | Probing retryAt when turn.IsCheck && now < retryAt ->
            struct (PoolIndex.put (PooledWorker.enter (Ejected retryAt) worker) pool, StillOut retryAt)
        | Probing _ -> takeOut now jitter error worker pool StillOut
        // A check must not delete a worker that is only starting.
        | InRotation when
            pool.Policy.OnFailure = OnFailure.Remove
            && turn.IsCheck
            && worker.LastSuccess.IsNone
            ->
            struct (PoolIndex.put worker pool, Unchanged)
        | InRotation when pool.Policy.OnFailure = OnFailure.Remove -> struct (PoolIndex.takeOff worker pool, Deleted)
        | InRotation -> takeOut now jitter error worker pool TakenOut
        | Paused -> struct (PoolIndex.put (PooledWorker.noted error worker) pool, Unchanged)
        | Ejected _
        | Leaving -> struct (PoolIndex.settle worker pool, Unchanged)

    /// The transport failed. `jitter`, 0 … 1, makes the wait up to a fifth longer. A report about an exchange that
    /// began before the worker's last change of phase only gives its place back.
    let failed
        (now: TimeSpan)
        (jitter: float)
        (turn: Lease)
        (error: string)
        pool
        : struct (PoolState * HealthTransition) =
        match giveBack turn pool with
        | ValueNone -> struct (pool, Unchanged)
        | ValueSome worker when worker.Epoch <> turn.Epoch -> struct (PoolIndex.settle worker pool, Unchanged)
        | ValueSome worker -> fail now jitter turn error worker pool

    let private othersSucceeded (since: TimeSpan) (worker: PooledWorker) (pool: PoolState) =
        pool.Workers.Values
        |> Seq.exists (fun other ->
            other.Serial <> worker.Serial
            && other.LastSuccess |> ValueOption.exists (fun at -> at >= since))

    /// The worker answered that it is busy. It is well, unless it has said nothing else for long while others succeed:
    /// then that is a failure.
    let busy
        (now: TimeSpan)
        (jitter: float)
        (turn: Lease)
        (error: string)
        pool
        : struct (PoolState * HealthTransition) =
        match giveBack turn pool with
        | ValueNone -> struct (pool, Unchanged)
        | ValueSome worker ->
            let worker = PooledWorker.answeredBusy now worker

            let isStuck =
                worker.BusyAnswers >= BusyAnswers
                && now - worker.BusySince >= busyFor
                && othersSucceeded worker.BusySince worker pool

            if worker.Epoch <> turn.Epoch then
                struct (PoolIndex.settle worker pool, Unchanged)
            elif isStuck then
                fail now jitter turn error worker pool
            else
                match worker.Phase with
                | Probing _ ->
                    let back =
                        { PooledWorker.back worker with
                            BusyAnswers = worker.BusyAnswers
                        }

                    struct (PoolIndex.put back pool, BroughtBack)
                | _ -> struct (PoolIndex.settle worker pool, Unchanged)
