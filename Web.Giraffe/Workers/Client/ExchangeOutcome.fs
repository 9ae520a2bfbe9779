namespace Web.Giraffe

open System.Threading.Tasks
open Protocol.Core

/// The outcome of an exchange with one worker.
type ExchangeOutcome =
    | Succeeded of Recognition
    /// The worker received the whole picture and refuses it.
    | PictureRefused of Refusal
    /// `detail` is the system's error message, or empty.
    | Failed of failure: Failure * detail: string

/// An exchange in progress.
type PendingExchange =
    {
        /// Throws OperationCanceledException when the caller cancels.
        Outcome: Task<ExchangeOutcome>
        /// Completes when the exchange is completely over. A plain exchange sends its whole image even after a
        /// cancellation.
        WaitForCompletion: unit -> Task
        /// Whether the exchange that led to the outcome was plain.
        IsPlain: unit -> bool
    }

/// The reasons of refusals that don't concern the picture.
[<RequireQualifiedAccess>]
module WorkerRefusal =
    [<Literal>]
    let Busy = "Busy"

    [<Literal>]
    let NoSuchModel = "NoSuchModel"
