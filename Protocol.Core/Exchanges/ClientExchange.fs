namespace Protocol.Core

open System
open System.Buffers

/// The client's side of an exchange, as a state machine: `step` takes an event and returns the effects to perform.
/// It does no I/O and has no clock.
[<RequireQualifiedAccess>]
module ClientExchange =

    /// Returns the step that a connection failure belongs to now.
    let stage state = ClientState.stage state

    /// Returns how long to wait for more bytes before `IdleTimeout`, or nothing if only the deadline applies. A result is one
    /// small write, so one that stays incomplete is damaged.
    let idleTimeout state =
        match state.Phase with
        | AwaitingResult(pending, stale, hasTrailer, _) when pending > stale ->
            ValueSome(TimeSpan.FromMilliseconds(if hasTrailer then 100.0 else 1000.0))
        | _ -> ValueNone

    /// Returns whether the connection may serve another exchange: requested, ended, and nothing unexpected happened.
    let isReusable state =
        state.Parameters.Keep && state.Phase = Ended && state.Clean

    let private sizeOf state =
        Message.Size(Message.payloadLength state.Parameters state.Picture, state.Parameters)

    let private imageOf state =
        Message.Image(state.Picture, state.Parameters)

    let private opening state =
        if state.Parameters.Eager then
            [ sizeOf state; imageOf state ]
        else
            [ sizeOf state ]

    /// Starts an exchange for `picture`: the file's own bytes, at least one.
    let start (limits: Limits) (parameters: Parameters) (picture: ReadOnlySequence<byte>) =
        let state =
            {
                Limits = limits
                Parameters = parameters
                Picture = picture
                Phase =
                    if parameters.Eager then
                        AwaitingImageAck
                    else
                        AwaitingSizeAck
                Rejected = 0
                Clean = true
                Accepted = false
            }

        struct (state, [ for message in opening state -> ClientEffect.Send message ])

    let private beginResult (state: ClientState) =
        AwaitingResult(0L, 0L, false, ResultReader.start state.Parameters)

    /// Handles the worker's answer to these messages: enters `next` with these effects, or sends the messages again.
    let private onAnswer state messages next effects answer =
        match answer with
        | Ok Acknowledgement.Ack -> struct (ClientState.enter next { state with Accepted = true }, effects)
        | Ok Acknowledgement.Nack -> ClientState.again messages Cause.RejectedTooOften state
        | Error reason when state.Parameters.Keep -> ClientState.fail state (Cause.Malformed reason)
        | Error reason -> ClientState.again messages (Cause.Malformed reason) state

    /// Parses a result's payload.
    let private read state (payload: byte[]) : Result<ClientAnswer, Malformed> =
        let recognized recognition =
            RecognitionValidation.validate state.Parameters recognition
            |> Result.map ClientAnswer.Recognized

        let sizeHash () =
            let length = Message.payloadLength state.Parameters state.Picture
            ChecksumAlgorithm.crc32c (ReadOnlySequence(Message.sizePayload length state.Parameters))

        let orRefused answer result =
            match result with
            | Ok value -> answer value
            | Error refusal -> Ok(ClientAnswer.ImageRefused refusal)

        if state.Parameters.Json && state.Parameters.Models then
            ServedModelsJson.tryRead (sizeHash ()) payload
            |> Result.bind (orRefused (ClientAnswer.Described >> Ok))
        elif state.Parameters.Json then
            RecognitionJson.tryRead (sizeHash ()) payload
            |> Result.bind (orRefused recognized)
        else
            Prediction.tryRead (ReadOnlySpan payload)
            |> Result.bind (Recognition.ofPredictions >> recognized)

    /// Makes one move. Returns the state, the number of consumed bytes (0: wait for more) and the effects.
    let private move state (bytes: ReadOnlySequence<byte>) =
        let first = FrameReader.byteAt bytes 0L

        let answered messages next effects =
            match FrameReader.acknowledgement bytes with
            | NeedMore -> struct (state, 0L, [])
            | Frame(answer, used) -> onAnswer state messages next effects (Ok answer) |> Move.consuming used
            | Bad(reason, used) -> onAnswer state messages next effects (Error reason) |> Move.consuming used

        let unexpected () =
            ClientState.fail state (Cause.Malformed(Unexpected first)) |> Move.consuming 1L

        match state.Phase with
        | AwaitingSizeAck -> answered [ sizeOf state ] AwaitingImageAck [ ClientEffect.Send(imageOf state) ]
        // On a kept connection this may be the repeated result of the previous exchange.
        | AwaitingImageAck when first = 'D'B && state.Parameters.Keep -> unexpected ()
        // The image's `A` was damaged in transit; the result implies it.
        | AwaitingImageAck when first = 'D'B ->
            struct (ClientState.enter
                        (beginResult state)
                        { state with
                            Accepted = true
                            Clean = false
                        },
                    0L,
                    [])
        | AwaitingImageAck when state.Parameters.Eager -> answered (opening state) (beginResult state) []
        | AwaitingImageAck -> answered [ imageOf state ] (beginResult state) []
        | AwaitingResult(_, stale, _, _) when stale > 0L ->
            struct ({ state with Phase = beginResult state }, min stale bytes.Length, [])
        | AwaitingResult(_, _, _, search) ->
            match first with
            // A JSON refusal carries its reason, so this is a damaged result.
            | 'N'B when state.Parameters.Json -> unexpected ()
            | 'N'B ->
                struct (ClientState.enter Ended { state with Clean = false },
                        1L,
                        [ ClientEffect.Finish(ClientAnswer.ImageRefused Refusal.unexplained) ])
            // The answer to a message that the client sent twice.
            | 'A'B ->
                ClientState.retry [] (Cause.Malformed(Unexpected first)) state
                |> Move.consuming 1L
            | _ ->
                let struct (result, next) =
                    ResultReader.readFrom search state.Limits.MaxResult state.Parameters bytes

                match result with
                | NeedMore ->
                    let phase =
                        AwaitingResult(bytes.Length, 0L, ResultReader.hasTrailer state.Parameters bytes, next)

                    struct ({ state with Phase = phase }, 0L, [])
                | Bad(ResultOverLimit _ as reason, used) ->
                    ClientState.fail state (Cause.Malformed reason) |> Move.consuming used
                // A damaged result of known length.
                | Bad(reason, used) ->
                    ClientState.again [ Message.Nack ] (Cause.Malformed reason) state
                    |> Move.consuming used
                | Frame(payload, used) ->
                    match read state payload with
                    | Ok answer ->
                        struct (ClientState.enter Ended state,
                                used,
                                [ ClientEffect.Send Message.Ack; ClientEffect.Finish answer ])
                    | Error reason -> ClientState.fail state (Cause.Malformed reason) |> Move.consuming used
        | Ended -> struct ({ state with Clean = false }, bytes.Length, [])

    let rec private advance state (bytes: ReadOnlySequence<byte>) consumed effects =
        if bytes.IsEmpty then
            struct (state, consumed, effects)
        else
            let struct (next, used, more) = move state bytes
            let effects = effects @ more

            if used = 0L && ClientState.stage next = ClientState.stage state then
                struct (next, consumed, effects)
            else
                advance next (bytes.Slice used) (consumed + used) effects

    let step state event =
        match state.Phase, event with
        | _, ClientEvent.Received bytes ->
            let struct (next, consumed, effects) = advance state bytes 0L []
            struct (next, ClientEffect.Consume consumed :: effects)
        | Ended, _ -> struct (state, [])
        // An old worker crashes on parameters; a newer one that lacks one sends `N` and closes.
        | _, ClientEvent.PeerEnded when not state.Accepted && not (Parameters.isNone state.Parameters) ->
            struct ({ state with
                        Phase = Ended
                        Clean = false
                    },
                    [ ClientEffect.Finish ClientAnswer.Declined ])
        | _, ClientEvent.PeerEnded -> ClientState.fail state Cause.Closed
        | _, ClientEvent.DeadlinePassed -> ClientState.fail state Cause.TimedOut
        | AwaitingResult(pending, _, hasTrailer, search), ClientEvent.IdleTimeout when pending > 0L ->
            { state with
                Phase = AwaitingResult(pending, pending, hasTrailer, search)
            }
            |> ClientState.again [ Message.Nack ] Cause.RejectedTooOften
        | _, ClientEvent.IdleTimeout -> struct (state, [])
