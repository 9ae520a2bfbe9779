namespace Web.Giraffe

open System

/// Applies the outcome of a lease, checks included: frees its slot, then keeps, ejects, removes or restores the worker.
/// Pure, like the rest of the pool's policy.
[<RequireQualifiedAccess>]
module PoolOutcomes =

    /// A worker fails after this many busy answers in a row over `busyFor`, if another worker succeeds meanwhile.
    [<Literal>]
    let private BusyAnswers = 8

    let private busyFor = TimeSpan.FromSeconds 10.0

    // Frees the lease's slot and applies `outcome` to its worker, unless the worker is gone.
    let private release (lease: Lease) pool (outcome: PooledWorker -> struct (PoolState * HealthTransition)) =
        match PoolIndex.tryFind lease.Serial pool with
        | Some worker when lease.IsCheck -> outcome worker
        | Some worker ->
            outcome
                { worker with
                    InFlight = worker.InFlight - 1
                }
        | None -> struct (pool, Unchanged)

    /// The worker recognized the picture.
    let succeeded (now: TimeSpan) (lease: Lease) pool : struct (PoolState * HealthTransition) =
        release lease pool (fun worker ->
            let worker = PooledWorker.recordSuccess now lease worker

            match worker.Phase with
            | Probing _ when worker.Epoch = lease.Epoch ->
                struct (PoolIndex.put (PooledWorker.restore worker) pool, Restored)
            | _ -> struct (PoolIndex.update worker pool, Unchanged))

    // After an inconclusive probe, the worker stays ejected until `retryAt`.
    let private inconclusive retryAt (lease: Lease) pool =
        release lease pool (fun worker ->
            match worker.Phase with
            | Probing before when worker.Epoch = lease.Epoch ->
                struct (PoolIndex.put (PooledWorker.enter (Ejected(max before retryAt)) worker) pool, Unchanged)
            | _ -> struct (PoolIndex.update worker pool, Unchanged))

    /// Ends an exchange without a result about the worker: the user left, or the request timed out.
    let abandoned (lease: Lease) pool : struct (PoolState * HealthTransition) =
        inconclusive TimeSpan.MinValue lease pool

    /// Records that the worker refused the picture. It is not a failure, since the picture may be at fault. It is not a
    /// success either, since a worker that refuses everything must not pass as healthy: the next check stays due, and a
    /// refused probe does not restore the worker.
    let refused (now: TimeSpan) (lease: Lease) (pool: PoolState) : struct (PoolState * HealthTransition) =
        inconclusive (now + pool.Policy.FirstRetry) lease pool

    // Ejects the worker, or extends its ejection.
    let private eject now jitter error worker (pool: PoolState) transition =
        let struct (worker, retryAt) =
            PooledWorker.eject pool.Policy now jitter error worker

        struct (PoolIndex.put worker pool, transition retryAt)

    let private fail now jitter (lease: Lease) error (worker: PooledWorker) (pool: PoolState) =
        match worker.Phase with
        // A failed check before `retryAt` changes nothing.
        | Probing retryAt when lease.IsCheck && now < retryAt ->
            struct (PoolIndex.put (PooledWorker.enter (Ejected retryAt) worker) pool, StillEjected retryAt)
        | Probing _ -> eject now jitter error worker pool StillEjected
        // A failed check must not remove a worker that is still starting.
        | InRotation when
            pool.Policy.OnFailure = OnFailure.Remove
            && lease.IsCheck
            && worker.LastSuccess.IsNone
            ->
            struct (PoolIndex.put worker pool, Unchanged)
        | InRotation when pool.Policy.OnFailure = OnFailure.Remove -> struct (PoolIndex.leave worker pool, Deleted)
        | InRotation -> eject now jitter error worker pool WasEjected
        | Drained -> struct (PoolIndex.put (PooledWorker.withError now error worker) pool, Unchanged)
        | Ejected _
        | Leaving -> struct (PoolIndex.update worker pool, Unchanged)

    /// Records a transport failure. `jitter`, 0 … 1, makes the wait up to a fifth longer. If the exchange began before
    /// the worker's last change of phase, only its slot is freed.
    let failed
        (now: TimeSpan)
        (jitter: float)
        (lease: Lease)
        (error: string)
        pool
        : struct (PoolState * HealthTransition) =
        release lease pool (fun worker ->
            if worker.Epoch <> lease.Epoch then
                struct (PoolIndex.update worker pool, Unchanged)
            else
                fail now jitter lease error worker pool)

    let private othersSucceeded (since: TimeSpan) (worker: PooledWorker) (pool: PoolState) =
        pool.Workers.Values
        |> Seq.exists (fun other ->
            other.Serial <> worker.Serial
            && other.LastSuccess |> ValueOption.exists (fun at -> at >= since))

    /// Records a busy answer. The worker counts as healthy, unless it has answered nothing else for long while others
    /// succeed: that is a failure.
    let busy
        (now: TimeSpan)
        (jitter: float)
        (lease: Lease)
        (error: string)
        pool
        : struct (PoolState * HealthTransition) =
        release lease pool (fun worker ->
            let worker = PooledWorker.recordBusy now worker

            let isStuck =
                worker.BusyAnswers >= BusyAnswers
                && now - worker.BusySince >= busyFor
                && othersSucceeded worker.BusySince worker pool

            if worker.Epoch <> lease.Epoch then
                struct (PoolIndex.update worker pool, Unchanged)
            elif isStuck then
                fail now jitter lease error worker pool
            else
                match worker.Phase with
                | Probing _ ->
                    let restored =
                        { PooledWorker.restore worker with
                            BusyAnswers = worker.BusyAnswers
                        }

                    struct (PoolIndex.put restored pool, Restored)
                | _ -> struct (PoolIndex.update worker pool, Unchanged))
