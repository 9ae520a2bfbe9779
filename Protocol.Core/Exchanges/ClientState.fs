namespace Protocol.Core

open System
open System.Buffers

/// What a client comes to know of its picture.
[<RequireQualifiedAccess>]
type ClientAnswer =
    | Recognized of Recognition
    /// The worker has the whole picture and refuses it: the picture's fault, unless the reason is `Busy`.
    | ImageRefused of Refusal
    /// The worker does not know the parameters: the plain exchange, on a new connection, is the way.
    | Declined

/// What a client's connection tells its exchange.
[<RequireQualifiedAccess>]
type ClientEvent =
    /// All bytes not yet consumed, the new ones behind the old.
    | Received of ReadOnlySequence<byte>
    | PeerEnded
    /// Nothing came for as long as `patience` says.
    | Quiet
    | DeadlinePassed

/// What a client's connection is to do, in order.
[<RequireQualifiedAccess>]
type ClientEffect =
    /// How many of the bytes in `Received` are done with; the rest is due again together with what follows.
    /// The first effect of every `Received`, and of nothing else.
    | Consume of bytes: int64
    | Send of Message
    | Finish of ClientAnswer
    | Fail of Failure

type internal ClientPhase =
    | AwaitingSizeAck
    | AwaitingImageAck
    /// `pending` bytes of a result lie unconsumed, and `stale` of them are a damaged one's.
    | AwaitingResult of pending: int64 * stale: int64 * hasTrailer: bool * search: ResultSearch
    | Ended

/// Where a client's exchange stands. Immutable.
type ClientState =
    internal
        {
            Limits: Limits
            Parameters: Parameters
            Picture: ReadOnlySequence<byte>
            Phase: ClientPhase
            /// Failed attempts at this step.
            Rejected: int
            /// Everything went as it should so far.
            Clean: bool
            /// The worker has said `A`, so it knows the parameters.
            Accepted: bool
        }

/// What every step of the client's exchange is made of.
[<RequireQualifiedAccess>]
module internal ClientState =

    /// The step at which a failure of the connection happens now.
    let stage state =
        match state.Phase with
        | AwaitingSizeAck -> Stage.Size
        | AwaitingImageAck -> Stage.Image
        | AwaitingResult _
        | Ended -> Stage.Result

    let fail state cause =
        struct ({ state with
                    Phase = Ended
                    Clean = false
                },
                [ ClientEffect.Fail(Failure.at (stage state) cause) ])

    let enter phase (state: ClientState) =
        { state with
            Phase = phase
            Rejected = 0
        }

    /// One more attempt at this step, with these effects; the end, when there were enough.
    let retry effects cause (state: ClientState) =
        let rejected = state.Rejected + 1

        if rejected >= state.Limits.MaxAttempts then
            fail state cause
        else
            struct ({ state with
                        Rejected = rejected
                        Clean = false
                    },
                    effects)

    let again messages =
        retry [ for message in messages -> ClientEffect.Send message ]
