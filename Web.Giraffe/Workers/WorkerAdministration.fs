namespace Web.Giraffe

open System
open System.Threading
open System.Threading.Tasks

type WorkerState =
    | Active
    /// Out of the rotation since a failure; a probe is let through at `retryAt`.
    | Inactive of retryAt: DateTimeOffset
    /// An operator lets it rest: finishes what it has, and gets nothing new.
    | Draining
    /// Rests, and has finished what it had.
    | Drained
    /// Taken off the list: finishes what it has, and is gone then.
    | Removing

/// One row of the admin page.
type WorkerReport =
    {
        Address: WorkerAddress
        State: WorkerState
        /// Whether it gets the next request.
        IsNext: bool
        /// Exchanges that were given to it since it was added.
        Uses: int64
        Failures: int64
        InFlight: int
        /// Of its last exchanges with users; none before the first.
        Median: TimeSpan option
        LastError: string option
        /// How long ago it last answered, a user or a check.
        Answered: TimeSpan option
    }

type ListChange =
    | Added
    | AlreadyThere
    | Removed
    | NotThere
    /// Gets nothing new until it is resumed.
    | DrainStarted
    | AlreadyDrained
    | Resumed
    | NotDrained
    /// `Admin:AllowedNetworks` does not have its address, or its name has none; why, without a full stop.
    | NotAllowed of reason: string

/// The live worker list, in the order of the turns.
type IWorkerList =
    abstract Add: WorkerAddress -> ListChange
    abstract Remove: WorkerAddress -> ListChange
    /// Lets it finish what it has, and gives it nothing new; it stays on the list. A restart forgets it.
    abstract Drain: WorkerAddress -> ListChange
    abstract Resume: WorkerAddress -> ListChange
    abstract Report: unit -> WorkerReport[]

/// What asking a worker at an operator's word came to.
type Probed =
    | Answers of elapsed: TimeSpan
    /// Why not, without a full stop.
    | Fails of error: string
    /// It is being probed already, or leaves.
    | NotNow
    | NoSuchWorker

/// Sends one worker the picture of the health checks now; what it says counts as any check does.
type IWorkerProbe =
    abstract Probe: WorkerAddress * cancel: CancellationToken -> Task<Probed>
