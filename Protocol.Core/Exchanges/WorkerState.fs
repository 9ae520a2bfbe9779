namespace Protocol.Core

open System
open System.Buffers

type WorkerOutcome =
    /// The client has the predictions.
    | Answered
    /// The image arrived whole and could not be decoded.
    | Refused

/// An event on a worker's connection.
[<RequireQualifiedAccess>]
type WorkerEvent =
    /// All unconsumed bytes, oldest first.
    | Received of ReadOnlySequence<byte>
    | Recognized of Recognition
    | Described of ServedModels
    /// The image of `Recognize` is refused, with the reason for a client that requested JSON.
    | Undecodable of Refusal: Refusal
    | PeerEnded
    /// No bytes arrived within the idle timeout.
    | IdleTimeout
    | DeadlinePassed

/// An action for a worker's connection. Actions are performed in order.
[<RequireQualifiedAccess>]
type WorkerEffect =
    /// The number of bytes of `Received` that are consumed. The rest is passed again together with the next bytes.
    /// Always the first effect of `Received`, and never of another event.
    | Consume of Bytes: int64
    | Send of Message: Message
    /// Waits until the peer has received the previous message: an old client reads once per message.
    | AwaitDelivery
    /// Classifies the image, then raises `Recognized` or `Undecodable`. `Parameters` contains the number of classes and
    /// whether to add their maps. The connection disposes the image.
    | Recognize of Image: ImageBytes * Parameters: Parameters
    /// Raises `Described` with the models of this worker, and with the labels of the one that is named.
    | Describe of Parameters: Parameters
    | Finish of Outcome: WorkerOutcome
    | Fail of Failure: Failure

/// A result that waits for its `A`, after an image of `Size` bytes.
type internal AckDue =
    {
        Size: int
        Result: Message
        Outcome: WorkerOutcome
    }

type internal WorkerPhase =
    /// `pending` bytes are unconsumed; `stale` of them belong to a damaged message.
    | AwaitingSize of pending: int64 * stale: int64
    /// `duplicates` more copies of the size message are expected and not answered: after an `N`, an old client sends
    /// its message twice and expects one answer.
    | AwaitingImage of size: int * sizeBytes: byte[] * duplicates: int
    /// The image follows its size immediately; copies of the size message are skipped.
    | AwaitingEagerImage of size: int * sizeBytes: byte[]
    /// The image's `A` is sent; `skip` bytes of another copy of the image are still to be skipped.
    | Recognizing of size: int * skip: int64
    | AwaitingAck of AckDue * skip: int64
    | Ended

/// The state of a worker's exchange. Immutable.
type WorkerState =
    internal
        {
            Limits: Limits
            /// The size's parameters.
            Parameters: Parameters
            /// The CRC-32C of the size's payload; 0 before the size.
            SizeHash: uint32
            Phase: WorkerPhase
            /// Failed attempts at this step.
            Rejected: int
            /// Copies of messages that were already accepted.
            Copies: int
        }

/// State transitions that all steps of the worker's exchange use.
[<RequireQualifiedAccess>]
module internal WorkerState =

    /// Returns the step that a connection failure belongs to now.
    let stage state =
        match state.Phase with
        | AwaitingSize _ -> Stage.Size
        | AwaitingImage _
        | AwaitingEagerImage _ -> Stage.Image
        | Recognizing _
        | AwaitingAck _
        | Ended -> Stage.Result

    let fail (state: WorkerState) cause =
        struct ({ state with Phase = Ended }, [ WorkerEffect.Fail(Failure.at (stage state) cause) ])

    let enter phase (state: WorkerState) =
        { state with
            Phase = phase
            Rejected = 0
        }

    /// The phase before the first byte of a size.
    let awaitingSize = AwaitingSize(0L, 0L)

    let send message = WorkerEffect.Send message

    /// Retries this step with these effects, or fails after `MaxAttempts`.
    let retry effects (state: WorkerState) =
        let rejected = state.Rejected + 1

        if rejected >= state.Limits.MaxAttempts then
            fail state Cause.RejectedTooOften
        else
            struct ({ state with Rejected = rejected }, effects)

    let private afterNack (struct (next: WorkerState, effects)) =
        struct (next, send Message.Nack :: effects)

    /// Sends `N`; fails after `MaxAttempts`.
    let reject state = retry [] state |> afterNack

    /// Sends `N` and fails immediately.
    let decline state reason =
        fail state (Cause.Malformed reason) |> afterNack
