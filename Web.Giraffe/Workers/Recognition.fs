namespace Web.Giraffe

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// What a picture is, and who said so.
type Answer =
    {
        /// Most probable first. `Index` is -1 where the worker does not say it.
        Classes: RecognizedClass[]
        /// How long the worker took, stage by stage; empty where it does not say it.
        Times: StageTime[]
        /// Where in the picture each class was seen; empty unless asked for, or where the worker does not know.
        Maps: ClassMap[]
        Model: string
        Worker: WorkerAddress
        /// From the request's last byte to the answer.
        Elapsed: TimeSpan
        /// How many workers were asked, this one included; at least 1.
        Attempts: int
    }

    /// The classes without their numbers.
    member answer.Predictions: Prediction[] =
        answer.Classes
        |> Array.map (fun found ->
            {
                Label = found.Label
                Probability = found.Probability
            })

/// What a request wants beside the names. An old worker gives its five classes whatever is asked.
type Wishes =
    {
        /// How many classes, 1 … 1000; five where it is not said.
        Top: int voption
        /// The class activation maps of the classes in the answer.
        Explain: bool
        /// The request's W3C `traceparent`, for the worker's log.
        Trace: string voption
    }

    static member None: Wishes =
        {
            Top = ValueNone
            Explain = false
            Trace = ValueNone
        }

[<RequireQualifiedAccess>]
module Wishes =

    /// Whether the plain exchange can't fulfil them; a trace is no more than welcome.
    let needExtended (wishes: Wishes) =
        wishes.Explain || wishes.Top |> ValueOption.exists (fun top -> top <> 5)

/// Why a picture got no answer.
type Unanswered =
    | NoActiveWorker
    /// The worker refused the image: the user's error, not the worker's.
    | ImageRefused of worker: WorkerAddress * refusal: Refusal
    /// More requests wait than the web node takes; come back after this long.
    | Overloaded of retryAfter: TimeSpan
    /// No worker answered within the request's deadline.
    | OutOfTime

    /// For the log.
    override unanswered.ToString() =
        match unanswered with
        | NoActiveWorker -> "no active worker"
        | ImageRefused(worker, refusal) -> $"image refused by {worker} ({refusal.Reason})"
        | Overloaded _ -> "too many requests wait"
        | OutOfTime -> "out of time"

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
    | Rested
    | AlreadyResting
    | Resumed
    | NotResting
    /// `Admin:AllowedNetworks` does not have its address, or its name has none; why, without a full stop.
    | NotAllowed of reason: string

type IRecognizer =
    abstract Classify:
        image: ReadOnlySequence<byte> * wishes: Wishes * cancel: CancellationToken -> Task<Result<Answer, Unanswered>>

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
