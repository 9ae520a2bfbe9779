namespace Web.Giraffe

open System
open System.Collections.Immutable

/// The workers and two indexes over them. A pick or a report takes time logarithmic in the number of workers.
type PoolState =
    private
        {
            Policy: PoolPolicy
            /// By serial, which is the round-robin order.
            Workers: Map<int64, PooledWorker>
            ByAddress: Map<WorkerAddress, int64>
            /// The workers in the rotation with room, as `load, serial`. The load is 0 unless the policy compares
            /// loads.
            Ready: ImmutableSortedSet<struct (int * int64)>
            /// The ejected workers with room, as `retryAt, serial`.
            Ejected: ImmutableSortedSet<struct (TimeSpan * int64)>
            /// The number of workers in the rotation or being probed, full ones included.
            Candidates: int
            /// The serial where the search for the next worker starts.
            Next: int64
            NextSerial: int64
        }

/// Keeps the indexes consistent with the workers.
[<RequireQualifiedAccess>]
module internal PoolIndex =

    let tryFind serial pool = pool.Workers.TryFind serial

    let tryFindAddress address pool =
        pool.ByAddress.TryFind address
        |> Option.bind (fun serial -> tryFind serial pool)

    let private hasRoom pool (worker: PooledWorker) = worker.InFlight < pool.Policy.InFlight

    let readyKey pool (worker: PooledWorker) =
        match pool.Policy.LoadBalancingPolicy with
        | LoadBalancingPolicy.LeastInFlight -> struct (worker.InFlight, worker.Serial)
        | _ -> struct (0, worker.Serial)

    let private index worker pool =
        match worker.Phase with
        | InRotation when hasRoom pool worker ->
            { pool with
                Candidates = pool.Candidates + 1
                Ready = pool.Ready.Add(readyKey pool worker)
            }
        | InRotation
        | Probing _ ->
            { pool with
                Candidates = pool.Candidates + 1
            }
        | Ejected retryAt when hasRoom pool worker ->
            { pool with
                Ejected = pool.Ejected.Add(struct (retryAt, worker.Serial))
            }
        | Ejected _
        | Drained
        | Leaving -> pool

    let private unindex worker pool =
        match worker.Phase with
        | InRotation ->
            { pool with
                Candidates = pool.Candidates - 1
                Ready = pool.Ready.Remove(readyKey pool worker)
            }
        | Probing _ ->
            { pool with
                Candidates = pool.Candidates - 1
            }
        | Ejected retryAt ->
            { pool with
                Ejected = pool.Ejected.Remove(struct (retryAt, worker.Serial))
            }
        | Drained
        | Leaving -> pool

    let private withoutIndexes serial pool =
        match tryFind serial pool with
        | Some before -> unindex before pool
        | None -> pool

    let put (worker: PooledWorker) (pool: PoolState) =
        index
            worker
            { withoutIndexes worker.Serial pool with
                Workers = pool.Workers.Add(worker.Serial, worker)
            }

    let private drop (worker: PooledWorker) (pool: PoolState) =
        { withoutIndexes worker.Serial pool with
            Workers = pool.Workers.Remove worker.Serial
            ByAddress = pool.ByAddress.Remove worker.Address
        }

    /// Updates the worker; drops one that is leaving and has no requests in flight.
    let update worker pool =
        if worker.Phase = Leaving && worker.InFlight = 0 then
            drop worker pool
        else
            put worker pool

    let leave worker pool =
        update (PooledWorker.enter Leaving worker) pool
