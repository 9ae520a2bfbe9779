namespace Protocol.Core

open System
open System.Buffers

/// The first two steps of the worker's exchange: the size and the image. Each function makes one move and returns the
/// state, the number of consumed bytes (0: wait for more) and the effects.
[<RequireQualifiedAccess>]
module internal WorkerReceive =

    let private onBadSize state reason (message: ReadOnlySequence<byte>) =
        match reason with
        | UnknownParameter _
        | ParameterValue _ -> WorkerState.decline state reason
        // An image of unknown length may follow.
        | _ when FrameReader.hasParameters message -> WorkerState.decline state reason
        | _ -> WorkerState.reject state

    /// Returns whether these bytes repeat the size message, or nothing if there are too few to decide. An image can't
    /// be taken for it: base64 has no space where the size has one, and no picture file begins like a size.
    let private repeats (sizeBytes: byte[]) (bytes: ReadOnlySequence<byte>) =
        let head = FrameReader.head (int64 sizeBytes.Length) bytes

        if not (sizeBytes.AsSpan(0, head.Length).SequenceEqual head.Span) then
            ValueSome false
        elif head.Length = sizeBytes.Length then
            ValueSome true
        else
            ValueNone

    /// Returns the first byte after a size and its copies, if any: the client did not wait for the answer.
    let rec private ahead (sizeBytes: byte[]) (rest: ReadOnlySequence<byte>) =
        match repeats sizeBytes rest with
        | ValueSome true -> ahead sizeBytes (rest.Slice(int64 sizeBytes.Length))
        | ValueSome false -> ValueSome(FrameReader.byteAt rest 0L)
        | ValueNone -> ValueNone

    /// Stores the size's parameters and hash.
    let private acceptSize parameters payload phase state =
        { state with
            Parameters = parameters
            SizeHash = ChecksumAlgorithm.crc32c payload
            Phase = phase
        }

    let onSize state (bytes: ReadOnlySequence<byte>) =
        match FrameReader.size state.Limits.MaxPayload bytes with
        | NeedMore ->
            let waiting =
                { state with
                    Phase = AwaitingSize(bytes.Length, 0L)
                }

            struct (waiting, 0L, [])
        | Bad(reason, used) -> onBadSize state reason (bytes.Slice(0L, used)) |> Move.consuming used
        | Frame((size, parameters), used) ->
            let payload =
                bytes.Slice(2L, used - int64 (ChecksumAlgorithm.overhead ChecksumAlgorithm.Sum))

            let sizeBytes = (bytes.Slice(0L, used)).ToArray()

            if parameters.Eager then
                struct (acceptSize parameters payload (AwaitingEagerImage(size, sizeBytes)) state, used, [])
            else
                match ahead sizeBytes (bytes.Slice used) with
                | ValueSome first ->
                    WorkerState.fail state (Cause.Malformed(Unexpected first))
                    |> Move.consuming bytes.Length
                | ValueNone ->
                    let phase = AwaitingImage(size, sizeBytes, state.Rejected)

                    let next =
                        { acceptSize parameters payload phase state with
                            Rejected = 0
                        }

                    struct (next, used, [ WorkerState.send Message.Ack ])

    let private onSizeCopy (state: WorkerState) size sizeBytes duplicates =
        if duplicates > 0 then
            struct ({ state with
                        Phase = AwaitingImage(size, sizeBytes, duplicates - 1)
                    },
                    [])
        // No `N` was sent, so the first `A` was damaged in transit.
        elif state.Copies + 1 >= state.Limits.MaxAttempts then
            WorkerState.fail state Cause.RejectedTooOften
        else
            struct ({ state with Copies = state.Copies + 1 }, [ WorkerState.send Message.Ack ])

    /// `again` is the phase after an `N`.
    let private onImageBytes state (bytes: ReadOnlySequence<byte>) size again =
        match FrameReader.image size state.Parameters bytes with
        | NeedMore -> struct (state, 0L, [])
        | Bad(_, used) -> WorkerState.reject { state with Phase = again } |> Move.consuming used
        | Frame(image, used) ->
            let next =
                { state with
                    Phase = Recognizing(size, 0L)
                    Rejected = 0
                    Copies = 0
                }

            let work =
                if state.Parameters.Json && state.Parameters.Models then
                    (image :> IDisposable).Dispose()
                    WorkerEffect.Describe state.Parameters
                else
                    WorkerEffect.Recognize(image, state.Parameters)

            struct (next, used, [ WorkerState.send Message.Ack; work ])

    let onImage state (bytes: ReadOnlySequence<byte>) size sizeBytes duplicates =
        match repeats sizeBytes bytes with
        | ValueNone -> struct (state, 0L, [])
        | ValueSome true ->
            onSizeCopy state size sizeBytes duplicates
            |> Move.consuming (int64 sizeBytes.Length)
        | ValueSome false -> onImageBytes state bytes size state.Phase

    let onEagerImage state (bytes: ReadOnlySequence<byte>) size sizeBytes =
        match repeats sizeBytes bytes with
        | ValueNone -> struct (state, 0L, [])
        | ValueSome true -> struct (state, int64 sizeBytes.Length, [])
        // `N` requests both again, so a size comes next.
        | ValueSome false -> onImageBytes state bytes size WorkerState.awaitingSize
