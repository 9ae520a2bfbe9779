/// The events of a pool, and the model's knowledge of each of its workers and leases.
module Tests.Expecto.Web.PoolStateCommands

open System
open Web.Giraffe

type Command =
    | Add of byte
    | Remove of byte
    | Drain of byte
    | Resume of byte
    /// `tried`: the workers that the request has tried.
    | Pick of tried: byte list * chance: byte
    | Check of byte
    /// The nth open lease.
    | Succeed of byte
    | Fail of lease: byte * jitter: byte
    | Abandon of byte
    | Refuse of byte
    | Wait of tenths: byte

let policy balancing onFailure inFlight =
    {
        LoadBalancingPolicy = balancing
        InFlight = inFlight
        FirstRetry = TimeSpan.FromSeconds 5.0
        LongestRetry = TimeSpan.FromSeconds 40.0
        OnFailure = onFailure
    }

let address (index: byte) =
    WorkerAddress.withoutTls "worker" (1 + int index % 5)

/// A pool with workers 0, 1, ….
let withWorkers policy count =
    (PoolState.empty policy, [ 0uy .. byte (count - 1) ])
    ||> List.fold (fun pool index ->
        let struct (pool, _) = PoolState.add (address index) pool
        pool)

/// The model's knowledge of a worker, from the events alone.
[<Sealed>]
type Known(worker: PooledWorker) =
    member _.Address = worker.Address
    member _.Serial = worker.Serial
    /// Ejected until then.
    member val EjectedUntil: TimeSpan voption = ValueNone with get, set
    member val IsRemoved = false with get, set
    member val IsDrained = false with get, set
    member val ConsecutiveFailures = 0 with get, set
    member val Uses = 0L with get, set
    member val Failures = 0L with get, set
    /// Its requests since the set of candidates last changed.
    member val RecentUses = 0 with get, set

    member known.Restore() =
        known.IsRemoved <- false
        known.IsDrained <- false
        known.EjectedUntil <- ValueNone
        known.ConsecutiveFailures <- 0

/// A lease whose outcome has not been reported.
[<Sealed>]
type OpenLease(lease: Lease, isProbe: bool) =
    member _.Lease = lease
    member _.IsProbe = isProbe
    /// Whether the worker's phase has changed since.
    member val IsStale = false with get, set
