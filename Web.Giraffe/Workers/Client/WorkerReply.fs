namespace Web.Giraffe

open System.Threading.Tasks
open Protocol.Core

/// A worker's reply to a picture.
type WorkerReply =
    | Succeeded of Recognition
    /// The worker received the whole picture and refuses it.
    | Undecodable of Refusal

/// The outcome of an exchange with one worker.
type ExchangeOutcome =
    | Replied of WorkerReply
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

[<AutoOpen>]
module ModelRefusal =
    /// The reason of a worker that does not have the requested model.
    [<Literal>]
    let ModelRefused = "NoSuchModel"
