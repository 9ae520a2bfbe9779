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
    /// The picture of `Recognize` can't be decoded; why, for a client that asked for JSON.
    | Undecodable of Reason: string
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
            Asked: uint32
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

    // The first piece of a sequence may be empty.
    let private first (bytes: ReadOnlySequence<byte>) = bytes.Slice(0L, 1L).FirstSpan[0]

    let start (limits: Limits) =
        {
            Limits = limits
            Parameters = Parameters.none
            Asked = 0u
            Phase = AwaitingSize(0L, 0L)
            Rejected = 0
            Copies = 0
        }

    /// The step at which a failure of the connection happens now.
    let stage state =
        match state.Phase with
        | AwaitingSize _ -> Stage.Size
        | AwaitingImage _
        | AwaitingEagerImage _ -> Stage.Image
        | Recognizing _
        | AwaitingAck _
        | Ended -> Stage.Result

    /// Whether the connection has nothing more to do. After a `Finish` it may go on with another exchange (`keep`).
    let isOver state = state.Phase.IsEnded

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

    /// `N`, and the end at once.
    let private decline state reason =
        let ended, failed = fail state (Cause.Malformed reason)
        ended, send Message.Nack :: failed

    let private onBadSize state reason (message: ReadOnlySequence<byte>) =
        match reason with
        | UnknownParameter _
        | ParameterValue _ -> decline state reason
        // An image may be on its way, and nobody knows how long it is.
        | _ when FrameReader.hasParameters message -> decline state reason
        | _ -> reject state

    /// Whether these bytes are the size message once more, or may become it. An image can't be taken for it: where
    /// the size has its space, base64 has none, and no picture's file begins as a size does.
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
        | ValueSome false -> ValueSome(first rest)
        | ValueNone -> ValueNone

    let private onSize state (bytes: ReadOnlySequence<byte>) =
        match FrameReader.size state.Limits.MaxPayload bytes with
        | NeedMore ->
            let waiting =
                { state with
                    Phase = AwaitingSize(bytes.Length, 0L)
                }

            struct (waiting, 0L, [])
        | Bad(reason, used) ->
            let next, effects = onBadSize state reason (bytes.Slice(0L, used))
            struct (next, used, effects)
        | Frame((size, parameters), used) ->
            let payload = bytes.Slice(2L, used - int64 (Seal.overhead Seal.Sum))

            let asked =
                { state with
                    Parameters = parameters
                    Asked = Seal.crc32c payload
                }

            let sizeBytes = (bytes.Slice(0L, used)).ToArray()

            if parameters.Eager then
                struct ({ asked with
                            Phase = AwaitingEagerImage(size, sizeBytes)
                        },
                        used,
                        [])
            else
                match ahead sizeBytes (bytes.Slice used) with
                | ValueSome first ->
                    let next, effects = fail state (Cause.Malformed(Unexpected first))
                    struct (next, bytes.Length, effects)
                | ValueNone ->
                    let phase = AwaitingImage(size, sizeBytes, state.Rejected)
                    struct (enter phase asked, used, [ send Message.Ack ])

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

    let private onImageBytes state (bytes: ReadOnlySequence<byte>) size rejected =
        match FrameReader.image size state.Parameters bytes with
        | NeedMore -> struct (state, 0L, [])
        | Bad(_, used) ->
            let next, effects = reject rejected
            struct (next, used, effects)
        | Frame(image, used) ->
            let next = enter (Recognizing(size, 0L)) { state with Copies = 0 }
            struct (next, used, [ send Message.Ack; WorkerEffect.Recognize(image, state.Parameters) ])

    let private onImage state (bytes: ReadOnlySequence<byte>) size sizeBytes duplicates =
        match repeats sizeBytes bytes with
        | ValueNone -> struct (state, 0L, [])
        | ValueSome true ->
            let next, effects = onSizeCopy state size sizeBytes duplicates
            struct (next, int64 sizeBytes.Length, effects)
        | ValueSome false -> onImageBytes state bytes size state

    let private onEagerImage state (bytes: ReadOnlySequence<byte>) size sizeBytes =
        match repeats sizeBytes bytes with
        | ValueNone -> struct (state, 0L, [])
        | ValueSome true -> struct (state, int64 sizeBytes.Length, [])
        // `N` asks for both again, so it is a size that comes next.
        | ValueSome false ->
            onImageBytes
                state
                bytes
                size
                { state with
                    Phase = AwaitingSize(0L, 0L)
                }

    let private withSkip state skip =
        match state.Phase with
        | Recognizing(size, _) ->
            { state with
                Phase = Recognizing(size, skip)
            }
        | AwaitingAck(ack, _) ->
            { state with
                Phase = AwaitingAck(ack, skip)
            }
        | _ -> state

    /// Another copy of the image begins: it passes unanswered, since the result answers it.
    let private onImageCopy state size =
        if state.Parameters.Keep || state.Copies + 1 > state.Limits.MaxAttempts then
            let next, effects = fail state (Cause.Malformed(Unexpected 'D'B))
            struct (next, 1L, effects)
        else
            let copy = int64 size + int64 (Seal.overhead (Parameters.seal state.Parameters))
            struct (withSkip { state with Copies = state.Copies + 1 } copy, 0L, [])

    let private onAnswer state (ack: AckDue) answer =
        match answer with
        | 'A'B when state.Parameters.Keep -> start state.Limits, [ WorkerEffect.Finish ack.Outcome ]
        | 'A'B -> enter Ended state, [ WorkerEffect.Finish ack.Outcome ]
        // The client may be at its next exchange, where this one's result must not be heard.
        | other when other <> 'N'B && state.Parameters.Keep -> fail state (Cause.Malformed(NotAnAnswer other))
        // `N`, or an answer that was damaged on its way.
        | _ ->
            let rejected = state.Rejected + 1

            if rejected >= state.Limits.MaxAttempts then
                fail state Cause.RejectedTooOften
            else
                { state with Rejected = rejected }, [ send ack.Result ]

    /// One move within the bytes at hand: the state, how many bytes it took, the effects. Nothing taken and
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
        | AwaitingEagerImage(size, sizeBytes) -> onEagerImage state bytes size sizeBytes
        | Recognizing(_, skip)
        | AwaitingAck(_, skip) when skip > 0L ->
            let passed = min skip bytes.Length
            struct (withSkip state (skip - passed), passed, [])
        | Recognizing(size, _)
        | AwaitingAck({ Size = size }, _) when (first bytes) = 'D'B -> onImageCopy state size
        | Recognizing _ ->
            let next, effects = fail state (Cause.Malformed(Unexpected(first bytes)))
            struct (next, 1L, effects)
        | AwaitingAck(ack, _) ->
            let next, effects = onAnswer state ack (first bytes)
            struct (next, 1L, effects)
        | Ended -> struct (state, bytes.Length, [])

    let private skipping state =
        match state.Phase with
        | Recognizing(_, skip)
        | AwaitingAck(_, skip) -> skip > 0L
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

    /// An old client takes one read for one message; one that sends parameters does not.
    let private settled state effects =
        if Parameters.isNone state.Parameters then
            WorkerEffect.Settle :: effects
        else
            effects

    let private answer state size skip outcome payload =
        let ack =
            {
                Size = size
                Result = Message.Result(ReadOnlyMemory payload, state.Parameters)
                Outcome = outcome
            }

        enter (AwaitingAck(ack, skip)) state, settled state [ send ack.Result ]

    let private payload state (recognition: Recognition) =
        if state.Parameters.Json then
            Recognition.write state.Asked recognition
        elif state.Parameters.Top.IsSome then
            Prediction.writeWithin state.Limits.MaxResult (Recognition.predictions recognition)
        else
            Prediction.write (Recognition.predictions recognition)

    let private onUndecodable state size skip reason =
        if state.Parameters.Json then
            answer state size skip Refused (Recognition.writeError state.Asked reason)
        else
            enter Ended state, settled state [ send Message.Nack; WorkerEffect.Finish Refused ]

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
            | Recognizing(size, skip), WorkerEvent.Recognized recognition ->
                answer state size skip Answered (payload state recognition)
            | Recognizing(size, skip), WorkerEvent.Undecodable reason -> onUndecodable state size skip reason
            | _, (WorkerEvent.Recognized _ | WorkerEvent.Undecodable _) -> state, []

        struct (next, effects)
