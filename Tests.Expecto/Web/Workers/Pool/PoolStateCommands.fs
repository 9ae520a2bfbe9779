/// What can happen to a pool, and what is known of each of its workers and leases.
module Tests.Expecto.Web.PoolStateCommands

open System
open Web.Giraffe

type Command =
    | Add of byte
    | Remove of byte
    | Drain of byte
    | Resume of byte
    /// The request has been to these workers already.
    | Pick of tried: byte list * chance: byte
    | Check of byte
    /// The nth of the leases that are under way.
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

/// What the model knows of a worker, from what it was told and nothing else.
[<Sealed>]
type Known(worker: PooledWorker) =
    member _.Address = worker.Address
    member _.Serial = worker.Serial
    /// Out of the rotation until then.
    member val Out: TimeSpan voption = ValueNone with get, set
    member val Left = false with get, set
    /// An operator lets it rest.
    member val Rests = false with get, set
    member val ConsecutiveFailures = 0 with get, set
    member val Uses = 0L with get, set
    member val Failures = 0L with get, set
    /// Turns since the set of those that could have had them last changed.
    member val Fair = 0 with get, set

    member known.Back() =
        known.Left <- false
        known.Rests <- false
        known.Out <- ValueNone
        known.ConsecutiveFailures <- 0

/// A lease that has not come back yet.
[<Sealed>]
type UnderWay(lease: Lease, probe: bool) =
    member _.Lease = lease
    member _.Probe = probe
    /// Whether the worker has changed its phase since.
    member val Stale = false with get, set
