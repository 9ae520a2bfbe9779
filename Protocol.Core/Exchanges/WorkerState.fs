namespace Protocol.Core

open System
open System.Buffers

type WorkerOutcome =
    /// The client has the predictions.
    | Answered
    /// The picture arrived whole and could not be decoded.
    | Refused

/// What a worker's connection tells its exchange.
[<RequireQualifiedAccess>]
type WorkerEvent =
    /// All bytes not yet consumed, the new ones behind the old.
    | Received of ReadOnlySequence<byte>
    | Recognized of Recognition
    /// The picture of `Recognize` is refused; why, for a client that asked for JSON.
    | Undecodable of Refusal: Refusal
    | PeerEnded
    /// Nothing came for as long as `patience` says.
    | Quiet
    | DeadlinePassed

/// What a worker's connection is to do, in order.
[<RequireQualifiedAccess>]
type WorkerEffect =
    /// How many of the bytes in `Received` are done with; the rest is due again together with what follows.
    /// The first effect of every `Received`, and of nothing else.
    | Consume of Bytes: int64
    | Send of Message: Message
    /// Let the peer take what was sent before anything else is: an old client takes one read for one message.
    | Settle
    /// Say `Recognized` or `Undecodable` when it is known: `Parameters` tells how many classes are wanted, and
    /// whether their maps are. The picture is the connection's to dispose.
    | Recognize of Image: ImageBytes * Parameters: Parameters
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
    /// `pending` bytes lie unconsumed, and `stale` of them belong to a damaged message.
    | AwaitingSize of pending: int64 * stale: int64
    /// `duplicates` more copies of the size's own bytes are due, unanswered: an old client sends its message twice
    /// after an `N`, and takes one answer for both.
    | AwaitingImage of size: int * sizeBytes: byte[] * duplicates: int
    /// The image comes right behind its size; copies of the size's own bytes pass.
    | AwaitingEagerImage of size: int * sizeBytes: byte[]
    /// From the image's `A` on, `skip` bytes of another copy of the image are still to pass.
    | Recognizing of size: int * skip: int64
    | AwaitingAck of AckDue * skip: int64
    | Ended

/// Where a worker's exchange stands. Immutable.
type WorkerState =
    internal
        {
            Limits: Limits
            /// What the size asked for.
            Parameters: Parameters
            /// The CRC-32C of the size's payload; 0 before it.
            SizeHash: uint32
            Phase: WorkerPhase
            /// Failed attempts at this step.
            Rejected: int
            /// Copies of messages that were already accepted.
            Copies: int
        }

/// What every step of the worker's exchange is made of.
[<RequireQualifiedAccess>]
module internal WorkerState =

    // The first piece of a sequence may be empty.
    let first (bytes: ReadOnlySequence<byte>) = bytes.Slice(0L, 1L).FirstSpan[0]

    /// The step at which a failure of the connection happens now.
    let stage state =
        match state.Phase with
        | AwaitingSize _ -> Stage.Size
        | AwaitingImage _
        | AwaitingEagerImage _ -> Stage.Image
        | Recognizing _
        | AwaitingAck _
        | Ended -> Stage.Result

    let fail (state: WorkerState) cause =
        { state with Phase = Ended }, [ WorkerEffect.Fail(Failure.at (stage state) cause) ]

    let enter phase (state: WorkerState) =
        { state with
            Phase = phase
            Rejected = 0
        }

    /// A size is due, and nothing of it is there yet.
    let awaitingSize = AwaitingSize(0L, 0L)

    let send message = WorkerEffect.Send message

    /// `N`, and the end when there were enough.
    let reject (state: WorkerState) =
        let rejected = state.Rejected + 1

        if rejected >= state.Limits.MaxAttempts then
            let ended, failed = fail state Cause.RejectedTooOften
            ended, send Message.Nack :: failed
        else
            { state with Rejected = rejected }, [ send Message.Nack ]

    /// `N`, and the end at once.
    let decline state reason =
        let ended, failed = fail state (Cause.Malformed reason)
        ended, send Message.Nack :: failed
