namespace Protocol.Core

/// A step of an exchange.
[<RequireQualifiedAccess>]
type Stage =
    | Connect
    | Size
    | Image
    | Result

/// The cause that ended an exchange early. `Refused` means that the network refused the connection (no listener), not a
/// peer's `N`. `Untrusted` means that TLS could not authenticate the peer, or the peer could not authenticate this
/// side.
[<RequireQualifiedAccess>]
type Cause =
    | Refused
    | Untrusted
    | TimedOut
    | Closed
    | Malformed of Malformed
    | RejectedTooOften

/// The stage and cause of an exchange without a result.
[<Struct>]
type Failure =
    {
        Stage: Stage
        Cause: Cause
    }

    override failure.ToString() = snd failure.Words

    /// Returns the code and the sentence.
    member internal failure.Words =
        let stageCode, stage =
            match failure.Stage with
            | Stage.Connect -> "connect", "connecting"
            | Stage.Size -> "size", "the size"
            | Stage.Image -> "image", "the image"
            | Stage.Result -> "result", "the result"

        let causeCode, cause =
            match failure.Cause with
            | Cause.Refused -> "refused", "refused"
            | Cause.Untrusted -> "untrusted", "not trusted"
            | Cause.TimedOut -> "timed-out", "no answer in time"
            | Cause.Closed -> "closed", "the connection ended"
            | Cause.RejectedTooOften -> "rejected-too-often", "rejected too often"
            | Cause.Malformed reason -> "malformed", Malformed.describe reason

        $"{stageCode}/{causeCode}", $"{stage}: {cause}"

[<RequireQualifiedAccess>]
module Failure =
    let at stage cause = { Stage = stage; Cause = cause }

    /// Returns the code for logs, metrics and the conformance vectors: `size/timed-out`.
    let code (failure: Failure) = fst failure.Words

    /// Returns one sentence without a full stop: `the size: no answer in time`.
    let describe (failure: Failure) = snd failure.Words

    /// Returns whether the peer may have received the whole image but sent no result. The original worker crashes like
    /// this on a picture that it can't decode.
    let isSilent failure =
        (failure.Stage = Stage.Image || failure.Stage = Stage.Result)
        && (failure.Cause = Cause.TimedOut || failure.Cause = Cause.Closed)
