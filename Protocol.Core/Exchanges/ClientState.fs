namespace Protocol.Core

open System
open System.Buffers

/// The outcome of a client's exchange.
[<RequireQualifiedAccess>]
type ClientAnswer =
    | Recognized of Recognition
    /// The answer to `models`.
    | Described of ServedModels
    /// The worker received the whole image and refused it. The picture is at fault, unless the reason is `Busy`.
    | ImageRefused of Refusal
    /// The worker does not support the parameters. Use the plain exchange on a new connection.
    | Declined

/// An event on a client's connection.
[<RequireQualifiedAccess>]
type ClientEvent =
    /// All unconsumed bytes, oldest first.
    | Received of ReadOnlySequence<byte>
    | PeerEnded
    /// No bytes arrived within the idle timeout.
    | IdleTimeout
    | DeadlinePassed

/// An action for a client's connection. Actions are performed in order.
[<RequireQualifiedAccess>]
type ClientEffect =
    /// The number of bytes of `Received` that are consumed. The rest is passed again together with the next bytes.
    /// Always the first effect of `Received`, and never of another event.
    | Consume of bytes: int64
    | Send of Message
    | Finish of ClientAnswer
    | Fail of Failure

type internal ClientPhase =
    | AwaitingSizeAck
    | AwaitingImageAck
    /// `pending` bytes of a result are unconsumed; `stale` of them belong to a damaged result.
    | AwaitingResult of pending: int64 * stale: int64 * hasTrailer: bool * search: ResultSearch
    | Ended

/// The state of a client's exchange. Immutable.
type ClientState =
    internal
        {
            Limits: Limits
            Parameters: Parameters
            Picture: ReadOnlySequence<byte>
            Phase: ClientPhase
            /// Failed attempts at this step.
            Rejected: int
            /// Nothing unexpected has happened.
            Clean: bool
            /// The worker has sent `A`, so it supports the parameters.
            Accepted: bool
        }

/// State transitions that all steps of the client's exchange use.
[<RequireQualifiedAccess>]
module internal ClientState =

    /// Returns the step that a connection failure belongs to now.
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

    /// Retries this step with these effects, or fails after `MaxAttempts`.
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
