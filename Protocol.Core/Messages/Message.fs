namespace Protocol.Core

open System
open System.Buffers
open System.Buffers.Text
open System.Text

/// message = data / ack / nack — a message that one side sends in one step. The parameters determine its form; those
/// of the plain exchange are `Parameters.none`.
[<RequireQualifiedAccess>]
type Message =
    | Ack
    | Nack
    /// data whose payload is the decimal length, in bytes, of the image's payload to come, and the parameters.
    | Size of length: int * Parameters
    /// data whose payload is the picture file's bytes, raw or in base64.
    | Image of picture: ReadOnlySequence<byte> * Parameters
    /// data whose payload is the worker's result (`Recognition`).
    | Result of payload: ReadOnlyMemory<byte> * Parameters

[<RequireQualifiedAccess>]
module Message =

    /// Returns the length of a picture's payload in bytes, as in its size message.
    let payloadLength (parameters: Parameters) (picture: ReadOnlySequence<byte>) =
        if parameters.Raw then
            int picture.Length
        else
            Base64.GetMaxEncodedToUtf8Length(int picture.Length)

    /// Returns the size's payload: the length and the parameters.
    let sizePayload (length: int) (parameters: Parameters) =
        Encoding.ASCII.GetBytes(string length + Parameters.write parameters)

    let private writeByte (writer: IBufferWriter<byte>) (value: byte) =
        writer.GetSpan(1)[0] <- value
        writer.Advance 1

    let private writeNumber (writer: IBufferWriter<byte>) (value: int) =
        let mutable written = 0
        // The maximum length of an `int`.
        Utf8Formatter.TryFormat(value, writer.GetSpan 11, &written) |> ignore
        writer.Advance written

    let private beginData (writer: IBufferWriter<byte>) =
        let head = writer.GetSpan 2
        head[0] <- 'D'B
        head[1] <- ' 'B
        writer.Advance 2

    let private endData (writer: IBufferWriter<byte>) algorithm running =
        let tail = writer.GetSpan(1 + ChecksumAlgorithm.length algorithm)
        tail[0] <- ' 'B
        ChecksumAlgorithm.write algorithm running (tail.Slice 1)
        writer.Advance(1 + ChecksumAlgorithm.length algorithm)

    /// data = "D" SP payload SP checksum
    let private writeData (writer: IBufferWriter<byte>) algorithm (payload: ReadOnlySpan<byte>) =
        beginData writer
        writer.Write payload
        endData writer algorithm (ChecksumAlgorithm.ofSpan algorithm payload)

    /// sized = "D" SP 1*DIGIT SP payload SP checksum — the digits are the payload's length in bytes.
    let private writeSized (writer: IBufferWriter<byte>) algorithm (payload: ReadOnlySpan<byte>) =
        beginData writer
        writeNumber writer payload.Length
        writeByte writer ' 'B
        writer.Write payload
        endData writer algorithm (ChecksumAlgorithm.ofSpan algorithm payload)

    // Encodes directly into the writer's memory, as much at a time as it offers. Pads only if `source` ends with an
    // incomplete quantum. Returns the running checksum.
    let private extendBase64 (writer: IBufferWriter<byte>) algorithm (running: uint32) (source: ReadOnlySpan<byte>) =
        let mutable rest = source
        let mutable running = running

        while not rest.IsEmpty do
            let target = writer.GetSpan 4
            let mutable consumed = 0
            let mutable written = 0

            let whole = target.Length / 4 * 3
            let last = rest.Length <= whole
            let piece = if last then rest else rest.Slice(0, whole)
            Base64.EncodeToUtf8(piece, target, &consumed, &written, last) |> ignore

            running <- ChecksumAlgorithm.extend algorithm running (Span.op_Implicit (target.Slice(0, written)))
            writer.Advance written
            rest <- rest.Slice consumed

        running

    // A quantum is three bytes. If a piece ends within one, the next piece completes it.
    let private writeBase64 (writer: IBufferWriter<byte>) algorithm (picture: ReadOnlySequence<byte>) =
        beginData writer
        let carry = Array.zeroCreate<byte> 3
        let mutable carried = 0
        let mutable running = ChecksumAlgorithm.start algorithm

        for piece in picture do
            let filled = if carried = 0 then 0 else min (3 - carried) piece.Length

            piece.Span.Slice(0, filled).CopyTo(carry.AsSpan carried)
            carried <- carried + filled

            if carried = 3 then
                running <- extendBase64 writer algorithm running (ReadOnlySpan carry)
                carried <- 0

            if carried = 0 then
                let rest = piece.Span.Slice filled
                let whole = rest.Length / 3 * 3
                running <- extendBase64 writer algorithm running (rest.Slice(0, whole))
                rest.Slice(whole).CopyTo carry
                carried <- rest.Length - whole

        running <- extendBase64 writer algorithm running (ReadOnlySpan(carry, 0, carried))
        endData writer algorithm running

    let private writeRaw (writer: IBufferWriter<byte>) algorithm (picture: ReadOnlySequence<byte>) =
        beginData writer

        for piece in picture do
            writer.Write piece.Span

        endData writer algorithm (ChecksumAlgorithm.ofSequence algorithm picture)

    /// Returns the bytes before and after a raw image on the wire, for a sender that doesn't copy the picture.
    let frameRaw (picture: ReadOnlySequence<byte>) (parameters: Parameters) : struct (byte[] * byte[]) =
        let algorithm = Parameters.checksum parameters
        let head = ArrayBufferWriter<byte> 2
        let tail = ArrayBufferWriter<byte>(1 + ChecksumAlgorithm.length algorithm)
        beginData head
        endData tail algorithm (ChecksumAlgorithm.ofSequence algorithm picture)
        struct (head.WrittenSpan.ToArray(), tail.WrittenSpan.ToArray())

    /// Appends the message's bytes to `writer`.
    let write (writer: IBufferWriter<byte>) message =
        match message with
        | Message.Ack -> writeByte writer 'A'B
        | Message.Nack -> writeByte writer 'N'B
        | Message.Size(length, parameters) ->
            writeData writer ChecksumAlgorithm.Sum (ReadOnlySpan(sizePayload length parameters))
        | Message.Image(picture, parameters) when parameters.Raw ->
            writeRaw writer (Parameters.checksum parameters) picture
        | Message.Image(picture, parameters) -> writeBase64 writer (Parameters.checksum parameters) picture
        | Message.Result(payload, parameters) when parameters.Sized ->
            writeSized writer (Parameters.checksum parameters) payload.Span
        | Message.Result(payload, parameters) -> writeData writer (Parameters.checksum parameters) payload.Span
