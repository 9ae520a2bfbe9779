namespace Web.Giraffe

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
