namespace Protocol.Core

open System
open System.Buffers
open System.Buffers.Text
open System.Text

/// The result of reading the available bytes. `consumed` counts from their start. Incomplete is not malformed.
[<Struct>]
type Read<'value> =
    | NeedMore
    | Frame of value: 'value * consumed: int64
    | Bad of reason: Malformed * skipped: int64

/// A receiver's answer to a message.
[<RequireQualifiedAccess; Struct>]
type Acknowledgement =
    | Ack
    | Nack

/// The grammar from the receiver's side. The end of a message depends on the state of the exchange, so each step has
/// its own reader. Every reader returns the same result however the bytes are split.
[<RequireQualifiedAccess>]
module FrameReader =

    // More digits than any 64-bit number has; a size that long can't be within a limit.
    [<Literal>]
    let private MaxDigits = 20

    let internal byteAt (bytes: ReadOnlySequence<byte>) (index: int64) = bytes.Slice(index, 1L).FirstSpan[0]

    /// Returns at most the first `length` bytes, in one piece.
    let internal head (length: int64) (bytes: ReadOnlySequence<byte>) =
        let held = bytes.Slice(0L, min bytes.Length length)

        if held.IsSingleSegment then
            held.First
        else
            ReadOnlyMemory(held.ToArray())

    /// Checks the space and the checksum that follow a payload. Returns what is wrong, or none; `noSpace` without a space.
    let internal verify algorithm noSpace (payload: ReadOnlySequence<byte>) (rest: ReadOnlySequence<byte>) =
        let tail = head (int64 (1 + ChecksumAlgorithm.length algorithm)) rest

        if tail.Span[0] <> ' 'B then
            ValueSome noSpace
        else
            ChecksumAlgorithm.verify algorithm (ChecksumAlgorithm.ofSequence algorithm payload) (tail.Span.Slice 1)

    /// ack / nack
    let acknowledgement (bytes: ReadOnlySequence<byte>) : Read<Acknowledgement> =
        if bytes.IsEmpty then
            NeedMore
        else
            match byteAt bytes 0L with
            | 'A'B -> Frame(Acknowledgement.Ack, 1L)
            | 'N'B -> Frame(Acknowledgement.Nack, 1L)
            | other -> Bad(NotAnAnswer other, 1L)

    /// Returns whether a space and a checksum start at `index`.
    let internal endsAt algorithm (bytes: ReadOnlySpan<byte>) index =
        bytes[index] = ' 'B
        && ChecksumAlgorithm.looksLike algorithm (bytes.Slice(index + 1))

    let private lengthOf limit (digits: ReadOnlySpan<byte>) (parameters: Parameters) =
        let mutable value = 0L
        let mutable used = 0
        let decimal = digits.IndexOfAnyExceptInRange('0'B, '9'B) < 0

        if digits.IsEmpty || not decimal then
            Error SizeNotDecimal
        // A number too long for 64 bits is over every limit.
        elif not (Utf8Parser.TryParse(digits, &value, &used)) then
            Error(SizeOverLimit(Int64.MaxValue, limit))
        elif value = 0L then
            Error SizeZero
        elif value > int64 limit then
            Error(SizeOverLimit(value, limit))
        elif not parameters.Raw && value % 4L <> 0L then
            Error(SizeNotBase64 value)
        else
            Ok(struct (int value, parameters))

    let private checkedSize limit (message: ReadOnlySpan<byte>) =
        let text =
            message.Slice(2, message.Length - ChecksumAlgorithm.overhead ChecksumAlgorithm.Sum)

        let tail = message.Slice(message.Length - Checksum.Length)

        if message[0] <> 'D'B then
            Error(NotData message[0])
        elif message[1] <> ' 'B then
            Error(NotData message[1])
        else
            match
                ChecksumAlgorithm.verify
                    ChecksumAlgorithm.Sum
                    (ChecksumAlgorithm.ofSpan ChecksumAlgorithm.Sum text)
                    tail
            with
            | ValueSome reason -> Error reason
            | ValueNone ->
                match text.IndexOf ';'B with
                | -1 -> lengthOf limit text Parameters.none
                | at ->
                    match Parameters.tryRead (text.Slice(at + 1)) with
                    | Ok parameters -> lengthOf limit (text.Slice(0, at)) parameters
                    | Error reason -> Error reason

    /// size = "D" SP 1*DIGIT [parameters] SP checksum — it ends at the first ` -dddd`, whatever precedes it. A damaged
    /// size without such an end stays incomplete until the peer is quiet or the longest possible size is exceeded. A
    /// non-digit may be a damaged semicolon: such a size may be as long as one with parameters, so that one message is
    /// not taken for two.
    let size (limit: int) (bytes: ReadOnlySequence<byte>) : Read<struct (int * Parameters)> =
        let maxWithoutParameters =
            ChecksumAlgorithm.overhead ChecksumAlgorithm.Sum + MaxDigits

        let held = (head (int64 (maxWithoutParameters + Parameters.MaxText)) bytes).Span

        let first =
            held.Slice(min held.Length 2, max 0 (min held.Length maxWithoutParameters - 2))

        let longest =
            if first.IndexOfAnyExceptInRange('0'B, '9'B) < 0 then
                maxWithoutParameters
            else
                maxWithoutParameters + Parameters.MaxText

        let mutable space = 2
        let tail = 1 + Checksum.Length

        while space + tail <= min held.Length longest
              && not (endsAt ChecksumAlgorithm.Sum held space) do
            space <- space + 1

        let whole = space + tail

        if whole <= min held.Length longest then
            match checkedSize limit (held.Slice(0, whole)) with
            | Ok size -> Frame(size, int64 whole)
            | Error reason -> Bad(reason, int64 whole)
        elif held.Length >= longest then
            Bad(SizeNotEnded, bytes.Length)
        else
            NeedMore

    /// Returns whether a possibly damaged size has parameters: a semicolon followed by a name. A damaged digit may look
    /// like a semicolon, but a digit or a space follows it.
    let hasParameters (message: ReadOnlySequence<byte>) =
        let text = Encoding.Latin1.GetString(message.ToArray())

        text
        |> Seq.pairwise
        |> Seq.exists (fun (mark, next) -> mark = ';' && next <> ' ' && not (Char.IsAsciiDigit next))

    let private pictureOf (parameters: Parameters) (payload: ReadOnlySequence<byte>) =
        if parameters.Raw then
            ValueSome(ImageBytes.copy payload)
        else
            ImageBytes.tryDecode payload

    /// image = "D" SP payload SP checksum — the payload is `size` bytes, base64 or raw. If anything is wrong, the whole
    /// message is skipped. The receiver disposes the image.
    let image (size: int) (parameters: Parameters) (bytes: ReadOnlySequence<byte>) : Read<ImageBytes> =
        let algorithm = Parameters.checksum parameters
        let whole = int64 size + int64 (ChecksumAlgorithm.overhead algorithm)

        if bytes.Length < whole then
            NeedMore
        elif byteAt bytes 0L <> 'D'B then
            Bad(NotData(byteAt bytes 0L), whole)
        elif byteAt bytes 1L <> ' 'B then
            Bad(NotData(byteAt bytes 1L), whole)
        else
            let payload = bytes.Slice(2L, int64 size)

            match verify algorithm ImageNotEnded payload (bytes.Slice(2L + int64 size)) with
            | ValueSome reason -> Bad(reason, whole)
            | ValueNone ->
                match pictureOf parameters payload with
                | ValueSome picture -> Frame(picture, whole)
                | ValueNone -> Bad(NotBase64, whole)
