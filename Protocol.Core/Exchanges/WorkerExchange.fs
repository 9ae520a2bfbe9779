namespace Protocol.Core

open System
open System.Buffers

/// The worker's side of an exchange, as a state machine: `step` takes an event and returns the effects to perform.
/// It does no I/O and has no clock.
[<RequireQualifiedAccess>]
module WorkerExchange =

    let start (limits: Limits) =
        {
            Limits = limits
            Parameters = Parameters.none
            SizeHash = 0u
            Phase = WorkerState.awaitingSize
            Rejected = 0
            Copies = 0
        }

    /// Returns the step that a connection failure belongs to now.
    let stage state = WorkerState.stage state

    /// Returns whether the connection has nothing more to do. After a `Finish` another exchange may follow (`keep`).
    let isOver state = state.Phase.IsEnded

    /// The silence after which a running client has read all bytes that reached it. The original client reads once per
    /// message and does not verify a result's checksum, so two copies of a result in one read would give it a wrong
    /// list.
    let private repeatAfter = TimeSpan.FromSeconds 1.0

    /// Returns how long to wait for more bytes before `IdleTimeout`, counted from when the peer has received everything, or
    /// nothing if only the deadline applies. A size is one small write, so one that stays incomplete is damaged. A
    /// client of the plain exchange that does not answer its result may have taken the image's `A` and the result for
    /// one message. A client that sends its image again has missed the image's `A`.
    let idleTimeout state =
        match state.Phase with
        | AwaitingSize(pending, stale) when pending > stale -> ValueSome(TimeSpan.FromMilliseconds 250.0)
        | AwaitingAck(_, 0L) when Parameters.isNone state.Parameters || state.Copies > 0 -> ValueSome repeatAfter
        | _ -> ValueNone

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

    /// Skips another copy of the image without an answer, since the result answers it.
    let private onImageCopy state size =
        if state.Parameters.Keep || state.Copies + 1 > state.Limits.MaxAttempts then
            WorkerState.fail state (Cause.Malformed(Unexpected 'D'B)) |> Move.consuming 1L
        else
            let copy =
                int64 size
                + int64 (ChecksumAlgorithm.overhead (Parameters.checksum state.Parameters))

            struct (withSkip { state with Copies = state.Copies + 1 } copy, 0L, [])

    let private onAnswer state (ack: AckDue) answer =
        match answer with
        | 'A'B when state.Parameters.Keep -> struct (start state.Limits, [ WorkerEffect.Finish ack.Outcome ])
        | 'A'B -> struct (WorkerState.enter Ended state, [ WorkerEffect.Finish ack.Outcome ])
        // The client may have started its next exchange, which must not receive this result.
        | other when other <> 'N'B && state.Parameters.Keep ->
            WorkerState.fail state (Cause.Malformed(NotAnAnswer other))
        // `N`, or an answer that was damaged in transit.
        | _ -> WorkerState.retry [ WorkerState.send ack.Result ] state

    /// Returns the number of bytes to skip of another copy of the image.
    let private toSkip state =
        match state.Phase with
        | Recognizing(_, skip)
        | AwaitingAck(_, skip) -> skip
        | _ -> 0L

    let private onPending state (bytes: ReadOnlySequence<byte>) =
        match state.Phase, FrameReader.byteAt bytes 0L with
        | Recognizing(size, _), 'D'B -> onImageCopy state size
        | AwaitingAck(ack, _), 'D'B -> onImageCopy state ack.Size
        | AwaitingAck(ack, _), answer -> onAnswer state ack answer |> Move.consuming 1L
        | _, other -> WorkerState.fail state (Cause.Malformed(Unexpected other)) |> Move.consuming 1L

    /// Makes one move. Returns the state, the number of consumed bytes and the effects. If no byte is consumed and
    /// none is to be skipped, wait for more.
    let private move state (bytes: ReadOnlySequence<byte>) =
        match state.Phase with
        | AwaitingSize(_, stale) when stale > 0L ->
            let fresh =
                { state with
                    Phase = WorkerState.awaitingSize
                }

            struct (fresh, min stale bytes.Length, [])
        | AwaitingSize _ -> WorkerReceive.onSize state bytes
        | AwaitingImage(size, sizeBytes, duplicates) -> WorkerReceive.onImage state bytes size sizeBytes duplicates
        | AwaitingEagerImage(size, sizeBytes) -> WorkerReceive.onEagerImage state bytes size sizeBytes
        | Recognizing _
        | AwaitingAck _ ->
            match toSkip state with
            | 0L -> onPending state bytes
            | skip ->
                let passed = min skip bytes.Length
                struct (withSkip state (skip - passed), passed, [])
        | Ended -> struct (state, bytes.Length, [])

    let rec private advance state (bytes: ReadOnlySequence<byte>) consumed effects =
        if bytes.IsEmpty then
            struct (state, consumed, effects)
        else
            let struct (next, used, more) = move state bytes

            if used = 0L && toSkip next = 0L then
                struct (next, consumed, effects)
            else
                advance next (bytes.Slice used) (consumed + used) (effects @ more)

    /// Adds `AwaitDelivery` for an old client, which sends no parameters and reads once per message.
    let private afterDelivery state effects =
        if Parameters.isNone state.Parameters then
            WorkerEffect.AwaitDelivery :: effects
        else
            effects

    let private answer state size skip outcome payload =
        let ack =
            {
                Size = size
                Result = Message.Result(ReadOnlyMemory payload, state.Parameters)
                Outcome = outcome
            }

        struct (WorkerState.enter (AwaitingAck(ack, skip)) state, afterDelivery state [ WorkerState.send ack.Result ])

    /// Answers a client that missed the image's `A` and sent its image again.
    let private answerAgain state (ack: AckDue) =
        { state with Copies = 0 }
        |> WorkerState.retry (
            WorkerState.send Message.Ack
            :: afterDelivery state [ WorkerState.send ack.Result ]
        )

    let private payload state (recognition: Recognition) =
        if state.Parameters.Json then
            RecognitionJson.write state.SizeHash recognition
        elif state.Parameters.Top.IsSome then
            Prediction.writeWithin state.Limits.MaxResult (Recognition.predictions recognition)
        else
            Prediction.write (Recognition.predictions recognition)

    let private onUndecodable state size skip refusal =
        if state.Parameters.Json then
            answer state size skip Refused (RecognitionJson.writeError state.SizeHash refusal)
        else
            struct (WorkerState.enter Ended state,
                    afterDelivery state [ WorkerState.send Message.Nack; WorkerEffect.Finish Refused ])

    let step (state: WorkerState) (event: WorkerEvent) : struct (WorkerState * WorkerEffect list) =
        match state.Phase, event with
        | _, WorkerEvent.Received bytes ->
            let struct (next, consumed, effects) = advance state bytes 0L []
            struct (next, WorkerEffect.Consume consumed :: effects)
        | Ended, _ -> struct (state, [])
        | _, WorkerEvent.PeerEnded -> WorkerState.fail state Cause.Closed
        | _, WorkerEvent.DeadlinePassed -> WorkerState.fail state Cause.TimedOut
        | AwaitingSize(pending, stale), WorkerEvent.IdleTimeout when pending > stale ->
            WorkerState.reject
                { state with
                    Phase = AwaitingSize(pending, pending)
                }
        | AwaitingAck(ack, 0L), WorkerEvent.IdleTimeout when state.Copies > 0 -> answerAgain state ack
        | AwaitingAck(ack, 0L), WorkerEvent.IdleTimeout when Parameters.isNone state.Parameters ->
            struct (state, [ WorkerState.send ack.Result ])
        | _, WorkerEvent.IdleTimeout -> struct (state, [])
        | Recognizing(size, skip), WorkerEvent.Recognized recognition ->
            answer state size skip Answered (payload state recognition)
        | Recognizing(size, skip), WorkerEvent.Described served ->
            answer state size skip Answered (ServedModelsJson.write state.SizeHash served)
        | Recognizing(size, skip), WorkerEvent.Undecodable refusal -> onUndecodable state size skip refusal
        | _, (WorkerEvent.Recognized _ | WorkerEvent.Described _ | WorkerEvent.Undecodable _) -> struct (state, [])
