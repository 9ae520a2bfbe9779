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
    | Recognized of Prediction[]
    /// The picture of `Recognize` can't be decoded.
    | Undecodable
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
    /// Say `Recognized` or `Undecodable` when it is known. The picture is the connection's to dispose.
    | Recognize of Image: ImageBytes
    | Finish of Outcome: WorkerOutcome
    | Fail of Failure: Failure

type internal WorkerPhase =
    /// `pending` bytes lie unconsumed, and `stale` of them belong to a damaged message.
    | AwaitingSize of pending: int64 * stale: int64
    /// `duplicates` more copies of the size's own bytes are due, unanswered: an old client sends its message twice
    /// after an `N`, and takes one answer for both.
    | AwaitingImage of size: int * sizeBytes: byte[] * duplicates: int
    /// From the image's `A` on, `skip` bytes of another copy of the image are still to pass.
    | Recognizing of size: int * skip: int64
    | AwaitingAck of size: int * skip: int64 * payload: byte[]
    | Ended

/// Where a worker's exchange stands. Immutable.
type WorkerState =
    internal
        {
            Limits: Limits
            Phase: WorkerPhase
            /// Failed attempts at this step.
            Rejected: int
            /// Copies of messages that were already accepted.
            Copies: int
        }

/// The side that names what is in a picture, as a state machine: `step` takes what happened and says what to do.
/// It does no I/O and knows no clock.
[<RequireQualifiedAccess>]
module WorkerExchange =

    let start (limits: Limits) =
        {
            Limits = limits
            Phase = AwaitingSize(0L, 0L)
            Rejected = 0
            Copies = 0
        }

    /// The step at which a failure of the connection happens now.
    let stage state =
        match state.Phase with
        | AwaitingSize _ -> Stage.Size
        | AwaitingImage _ -> Stage.Image
        | Recognizing _
        | AwaitingAck _
        | Ended -> Stage.Result

    /// How long to wait for more before saying `Quiet`; nothing where only the deadline counts. A size is one
    /// small write, so one that stays incomplete is damaged.
    let patience state =
        match state.Phase with
        | AwaitingSize(pending, stale) when pending > stale -> ValueSome(TimeSpan.FromMilliseconds 250.0)
        | _ -> ValueNone

    let private fail state cause =
        { state with Phase = Ended }, [ WorkerEffect.Fail(Failure.at (stage state) cause) ]

    let private enter phase state =
        { state with
            Phase = phase
            Rejected = 0
        }

    let private send message = WorkerEffect.Send message

    /// `N`, and the end when there were enough.
    let private reject state =
        let rejected = state.Rejected + 1

        if rejected >= state.Limits.MaxAttempts then
            let ended, failed = fail state Cause.RejectedTooOften
            ended, send Message.Nack :: failed
        else
            { state with Rejected = rejected }, [ send Message.Nack ]

    /// Whether these bytes are the size message once more, or may become it. An image can't be taken for it: where
    /// the size has its space, base64 has none.
    let private repeats (sizeBytes: byte[]) (bytes: ReadOnlySequence<byte>) =
        let common = min (int64 sizeBytes.Length) bytes.Length |> int
        let head = (bytes.Slice(0L, int64 common)).ToArray()

        if not (sizeBytes.AsSpan(0, common).SequenceEqual(ReadOnlySpan head)) then
            ValueSome false
        elif common = sizeBytes.Length then
            ValueSome true
        else
            ValueNone

    /// What lies behind a size before anyone has answered it, copies of the size aside: a client that doesn't wait.
    let rec private ahead (sizeBytes: byte[]) (rest: ReadOnlySequence<byte>) =
        match repeats sizeBytes rest with
        | ValueSome true -> ahead sizeBytes (rest.Slice(int64 sizeBytes.Length))
        | ValueSome false -> ValueSome(rest.Slice(0L, 1L).FirstSpan[0])
        | ValueNone -> ValueNone

    let private onSize state (bytes: ReadOnlySequence<byte>) =
        match FrameReader.size state.Limits.MaxPayload bytes with
        | NeedMore ->
            let waiting =
                { state with
                    Phase = AwaitingSize(bytes.Length, 0L)
                }

            struct (waiting, 0L, [])
        | Bad(_, used) ->
            let next, effects = reject state
            struct (next, used, effects)
        | Frame(size, used) ->
            let sizeBytes = (bytes.Slice(0L, used)).ToArray()

            match ahead sizeBytes (bytes.Slice used) with
            | ValueSome first ->
                let next, effects = fail state (Cause.Malformed(Unexpected first))
                struct (next, bytes.Length, effects)
            | ValueNone ->
                let phase = AwaitingImage(size, sizeBytes, state.Rejected)
                struct (enter phase state, used, [ send Message.Ack ])

    let private onSizeCopy state size sizeBytes duplicates =
        if duplicates > 0 then
            { state with
                Phase = AwaitingImage(size, sizeBytes, duplicates - 1)
            },
            []
        // Nobody was told `N`, so the first `A` did not arrive as one.
        elif state.Copies + 1 >= state.Limits.MaxAttempts then
            fail state Cause.RejectedTooOften
        else
            { state with Copies = state.Copies + 1 }, [ send Message.Ack ]

    let private onImage state (bytes: ReadOnlySequence<byte>) size sizeBytes duplicates =
        match repeats sizeBytes bytes with
        | ValueNone -> struct (state, 0L, [])
        | ValueSome true ->
            let next, effects = onSizeCopy state size sizeBytes duplicates
            struct (next, int64 sizeBytes.Length, effects)
        | ValueSome false ->
            match FrameReader.image size bytes with
            | NeedMore -> struct (state, 0L, [])
            | Bad(_, used) ->
                let next, effects = reject state
                struct (next, used, effects)
            | Frame(image, used) ->
                let next = enter (Recognizing(size, 0L)) { state with Copies = 0 }
                struct (next, used, [ send Message.Ack; WorkerEffect.Recognize image ])

    let private withSkip state skip =
        match state.Phase with
        | Recognizing(size, _) ->
            { state with
                Phase = Recognizing(size, skip)
            }
        | AwaitingAck(size, _, payload) ->
            { state with
                Phase = AwaitingAck(size, skip, payload)
            }
        | _ -> state

    /// Another copy of the image begins: it passes unanswered, since the result answers it.
    let private onImageCopy state size =
        if state.Copies + 1 > state.Limits.MaxAttempts then
            let next, effects = fail state (Cause.Malformed(Unexpected 'D'B))
            struct (next, 1L, effects)
        else
            let copy = int64 size + int64 Message.Overhead
            struct (withSkip { state with Copies = state.Copies + 1 } copy, 0L, [])

    let private onAnswer state payload answer =
        match answer with
        | 'A'B -> enter Ended state, [ WorkerEffect.Finish Answered ]
        // `N`, or an answer that was damaged on its way.
        | _ ->
            let rejected = state.Rejected + 1

            if rejected >= state.Limits.MaxAttempts then
                fail state Cause.RejectedTooOften
            else
                { state with Rejected = rejected }, [ send (Message.Result payload) ]

    /// One move within the bytes at hand: the state, how many bytes it took, the effects. Nothing taken and the
    /// nothing to be passed over: wait for more.
    let private move state (bytes: ReadOnlySequence<byte>) =
        match state.Phase with
        | AwaitingSize(_, stale) when stale > 0L ->
            let fresh =
                { state with
                    Phase = AwaitingSize(0L, 0L)
                }

            struct (fresh, min stale bytes.Length, [])
        | AwaitingSize _ -> onSize state bytes
        | AwaitingImage(size, sizeBytes, duplicates) -> onImage state bytes size sizeBytes duplicates
        | Recognizing(_, skip)
        | AwaitingAck(_, skip, _) when skip > 0L ->
            let passed = min skip bytes.Length
            struct (withSkip state (skip - passed), passed, [])
        | Recognizing(size, _)
        | AwaitingAck(size, _, _) when bytes.Slice(0L, 1L).FirstSpan[0] = 'D'B -> onImageCopy state size
        | Recognizing _ ->
            let next, effects = fail state (Cause.Malformed(Unexpected bytes.Slice(0L, 1L).FirstSpan[0]))
            struct (next, 1L, effects)
        | AwaitingAck(_, _, payload) ->
            let next, effects = onAnswer state (ReadOnlyMemory payload) bytes.Slice(0L, 1L).FirstSpan[0]
            struct (next, 1L, effects)
        | Ended -> struct (state, bytes.Length, [])

    let private skipping state =
        match state.Phase with
        | Recognizing(_, skip)
        | AwaitingAck(_, skip, _) -> skip > 0L
        | _ -> false

    let rec private advance state (bytes: ReadOnlySequence<byte>) consumed effects =
        if bytes.IsEmpty then
            struct (state, consumed, effects)
        else
            let struct (next, used, more) = move state bytes

            if used = 0L && not (skipping next) then
                struct (next, consumed, effects)
            else
                advance next (bytes.Slice used) (consumed + used) (effects @ more)

    let private onRecognized state size skip predictions =
        let payload = Prediction.write predictions

        enter (AwaitingAck(size, skip, payload)) state,
        [ WorkerEffect.Settle; send (Message.Result(ReadOnlyMemory payload)) ]

    let step (state: WorkerState) (event: WorkerEvent) : struct (WorkerState * WorkerEffect list) =
        let next, effects =
            match state.Phase, event with
            | _, WorkerEvent.Received bytes ->
                let struct (next, consumed, effects) = advance state bytes 0L []
                next, WorkerEffect.Consume consumed :: effects
            | Ended, _ -> state, []
            | _, WorkerEvent.PeerEnded -> fail state Cause.Closed
            | _, WorkerEvent.DeadlinePassed -> fail state Cause.TimedOut
            | AwaitingSize(pending, stale), WorkerEvent.Quiet when pending > stale ->
                reject
                    { state with
                        Phase = AwaitingSize(pending, pending)
                    }
            | _, WorkerEvent.Quiet -> state, []
            | Recognizing(size, skip), WorkerEvent.Recognized predictions -> onRecognized state size skip predictions
            | Recognizing _, WorkerEvent.Undecodable ->
                enter Ended state, [ WorkerEffect.Settle; send Message.Nack; WorkerEffect.Finish Refused ]
            | _, (WorkerEvent.Recognized _ | WorkerEvent.Undecodable) -> state, []

        struct (next, effects)
