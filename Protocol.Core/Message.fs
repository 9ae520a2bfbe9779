namespace Protocol.Core

open System
open System.Buffers
open System.Buffers.Text

/// message = data / ack / nack — what one side sends in one step.
[<RequireQualifiedAccess>]
type Message =
    | Ack
    | Nack
    /// data whose payload is the decimal length, in bytes, of the base64 text to come.
    | Size of length: int
    /// data whose payload is the base64 of these bytes, the picture as its file holds it.
    | Image of picture: ReadOnlyMemory<byte>
    /// data whose payload is the predictions' text (`Prediction.write`).
    | Result of payload: ReadOnlyMemory<byte>

[<RequireQualifiedAccess>]
module Message =

    /// What a data message has beside its payload: `D`, two spaces, the checksum.
    [<Literal>]
    let Overhead = 8

    /// The length in bytes of a picture's base64 text: what its size message says.
    let encodedLength (picture: ReadOnlyMemory<byte>) =
        Base64.GetMaxEncodedToUtf8Length picture.Length

    let private writeByte (writer: IBufferWriter<byte>) (value: byte) =
        writer.GetSpan(1)[0] <- value
        writer.Advance 1

    let private beginData (writer: IBufferWriter<byte>) =
        let head = writer.GetSpan 2
        head[0] <- 'D'B
        head[1] <- ' 'B
        writer.Advance 2

    let private endData (writer: IBufferWriter<byte>) sum =
        let tail = writer.GetSpan(1 + Checksum.Length)
        tail[0] <- ' 'B
        Checksum.write sum (tail.Slice 1)
        writer.Advance(1 + Checksum.Length)

    /// data = "D" SP payload SP checksum
    let private writeData (writer: IBufferWriter<byte>) (payload: ReadOnlySpan<byte>) =
        beginData writer
        writer.Write payload
        endData writer (Checksum.sum payload)

    // The base64 goes straight into the writer's own memory, as much at a time as that offers.
    let private writeImage (writer: IBufferWriter<byte>) (picture: ReadOnlySpan<byte>) =
        beginData writer
        let mutable rest = picture
        let mutable sum = 0

        while not rest.IsEmpty do
            let target = writer.GetSpan 4
            let mutable consumed = 0
            let mutable written = 0

            let whole = target.Length / 4 * 3
            let last = rest.Length <= whole
            let piece = if last then rest else rest.Slice(0, whole)
            Base64.EncodeToUtf8(piece, target, &consumed, &written, last) |> ignore

            sum <- Checksum.extend sum (Span.op_Implicit (target.Slice(0, written)))
            writer.Advance written
            rest <- rest.Slice consumed

        endData writer sum

    /// Appends the message's bytes to `writer`.
    let write (writer: IBufferWriter<byte>) message =
        match message with
        | Message.Ack -> writeByte writer 'A'B
        | Message.Nack -> writeByte writer 'N'B
        | Message.Size length ->
            let digits = Array.zeroCreate<byte> 11
            let mutable count = 0
            Utf8Formatter.TryFormat(length, digits.AsSpan(), &count) |> ignore
            writeData writer (ReadOnlySpan<byte>(digits, 0, count))
        | Message.Image picture -> writeImage writer picture.Span
        | Message.Result payload -> writeData writer payload.Span
