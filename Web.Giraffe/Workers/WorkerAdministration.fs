namespace Web.Giraffe

open System
open System.Threading
open System.Threading.Tasks

type WorkerStatus =
    | Active
    /// Ejected after a failure; eligible for a probe at `retryAt`. The API and the metrics name this state `inactive`.
    | Ejected of retryAt: DateTimeOffset
    /// Being drained by an operator: finishes in-flight requests and receives no new ones.
    | Draining
    /// Drained: no requests are in flight.
    | Drained
    /// Removed from the list: finishes in-flight requests first.
    | Removing

/// One row of the admin page.
type WorkerReport =
    {
        Address: WorkerAddress
        State: WorkerStatus
        /// Whether it receives the next request.
        IsNext: bool
        /// The number of exchanges since it was added.
        Uses: int64
        Failures: int64
        InFlight: int
        /// The median time of its last user exchanges; none before the first.
        Median: TimeSpan option
        LastError: string option
        LastErrorAt: DateTimeOffset option
        /// The time since its last answer to a user or a check.
        Answered: TimeSpan option
    }

type ListChange =
    | Added
    | AlreadyThere
    | Removed
    | NotThere
    /// Receives no new requests until resumed.
    | DrainStarted
    | AlreadyDrained
    | Resumed
    | NotDrained
    /// The address is not in `Admin:AllowedNetworks`, or the name does not resolve. `reason` has no full stop.
    | NotAllowed of reason: string

[<RequireQualifiedAccess>]
module ListChange =
    /// Returns the API's name for the result. One that begins with `Worker` was made now.
    let result (change: ListChange) =
        match change with
        | Added -> "Worker added"
        | AlreadyThere -> "Already there"
        | Removed -> "Worker removed"
        | NotThere -> "Not there"
        | DrainStarted -> "Worker drained"
        | AlreadyDrained -> "Already drained"
        | Resumed -> "Worker resumed"
        | NotDrained -> "Not drained"
        | NotAllowed _ -> "Not allowed"

    /// Returns the name in the keys of the pages' texts: `worker-added`.
    let key (change: ListChange) =
        (result change).ToLowerInvariant().Replace(' ', '-')

    /// Returns whether the list was changed.
    let isDone (change: ListChange) =
        match change with
        | Added
        | Removed
        | DrainStarted
        | Resumed -> true
        | AlreadyThere
        | NotThere
        | AlreadyDrained
        | NotDrained
        | NotAllowed _ -> false

/// The live worker list, in round-robin order.
type IWorkerList =
    abstract Add: WorkerAddress -> ListChange
    abstract Remove: WorkerAddress -> ListChange
    /// Stops new requests to the worker and lets in-flight ones finish. It stays on the list. A restart resumes it.
    abstract Drain: WorkerAddress -> ListChange
    abstract Resume: WorkerAddress -> ListChange
    abstract Report: unit -> WorkerReport[]

/// The result of a probe that an operator started.
type Probed =
    | Answers of elapsed: TimeSpan
    /// The reason, without a full stop.
    | Fails of error: string
    /// The worker is already being probed, or is being removed.
    | NotNow
    | NoSuchWorker

/// Sends the health check's picture to one worker now. The result counts as a health check.
type IWorkerProbe =
    abstract Probe: WorkerAddress * cancel: CancellationToken -> Task<Probed>
