namespace Protocol.Core

open System
open System.Buffers
open System.Buffers.Text

/// What reading the bytes at hand came to. `consumed` counts from their start. Incomplete is not malformed.
[<Struct>]
type Read<'value> =
    | NeedMore
    | Frame of value: 'value * consumed: int64
    | Bad of reason: Malformed * skipped: int64

/// The grammar from the receiver's side: what ends a message depends on where the exchange stands, so there is
/// one reader for each step. Every reader gives the same answer however the bytes are split.
[<RequireQualifiedAccess>]
module FrameReader =

    // More digits than any 64-bit number has; a size that long can't be within a limit.
    [<Literal>]
    let private MaxSizeDigits = 20

    let private byteAt (bytes: ReadOnlySequence<byte>) (index: int64) = bytes.Slice(index, 1L).FirstSpan[0]

    /// ack / nack: true for `A`, false for `N`.
    let answer (bytes: ReadOnlySequence<byte>) : Read<bool> =
        if bytes.IsEmpty then
            NeedMore
        else
            match byteAt bytes 0L with
            | 'A'B -> Frame(true, 1L)
            | 'N'B -> Frame(false, 1L)
            | other -> Bad(NotAnAnswer other, 1L)

    let private verify (sum: int) (checksum: ReadOnlySpan<byte>) =
        match Checksum.tryRead checksum with
        | ValueNone -> ValueSome ChecksumNotDigits
        | ValueSome received when Checksum.fits sum received -> ValueNone
        | ValueSome received -> ValueSome(ChecksumMismatch(received, Checksum.ofSum sum))

    let private sizeOf limit (digits: ReadOnlySpan<byte>) =
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
        elif value % 4L <> 0L then
            Error(SizeNotBase64 value)
        else
            Ok(int value)

    /// Whether ` -dddd` stands at `index`.
    let private endsAt (bytes: ReadOnlySpan<byte>) index =
        bytes[index] = ' 'B && (Checksum.tryRead (bytes.Slice(index + 1))).IsSome

    let private checkedSize limit (message: ReadOnlySpan<byte>) =
        let digits = message.Slice(2, message.Length - Message.Overhead)

        if message[0] <> 'D'B then
            Error(NotData message[0])
        elif message[1] <> ' 'B then
            Error(NotData message[1])
        else
            match verify (Checksum.sum digits) (message.Slice(message.Length - Checksum.Length)) with
            | ValueSome reason -> Error reason
            | ValueNone -> sizeOf limit digits

    /// size = "D" SP 1*DIGIT SP checksum — it ends at the first ` -dddd`, whatever stands before that; a damaged
    /// one without such an end stays incomplete, until the peer is quiet or too many bytes have passed.
    let size (limit: int) (bytes: ReadOnlySequence<byte>) : Read<int> =
        let longest = Message.Overhead + MaxSizeDigits

        let head = ReadOnlySpan(bytes.Slice(0L, min bytes.Length (int64 longest)).ToArray())

        let mutable space = 2

        while space + 1 + Checksum.Length <= head.Length && not (endsAt head space) do
            space <- space + 1

        let whole = space + 1 + Checksum.Length

        if whole <= head.Length then
            match checkedSize limit (head.Slice(0, whole)) with
            | Ok value -> Frame(value, int64 whole)
            | Error reason -> Bad(reason, int64 whole)
        elif head.Length = longest then
            Bad(SizeNotEnded, bytes.Length)
        else
            NeedMore

    /// image = "D" SP base64 SP checksum — `size` bytes of base64, so `size` + 8 bytes, which are skipped whole
    /// where anything in them is wrong. The picture is the receiver's to dispose.
    let image (size: int) (bytes: ReadOnlySequence<byte>) : Read<ImageBytes> =
        let whole = int64 size + int64 Message.Overhead

        if bytes.Length < whole then
            NeedMore
        elif byteAt bytes 0L <> 'D'B then
            Bad(NotData(byteAt bytes 0L), whole)
        elif byteAt bytes 1L <> ' 'B then
            Bad(NotData(byteAt bytes 1L), whole)
        else
            let payload = bytes.Slice(2L, int64 size)
            let tail = ReadOnlySpan(bytes.Slice(2L + int64 size, 6L).ToArray())

            if tail[0] <> ' 'B then
                Bad(ImageNotEnded, whole)
            else
                match verify (Checksum.sumOf payload) (tail.Slice 1) with
                | ValueSome reason -> Bad(reason, whole)
                | ValueNone ->
                    match ImageBytes.tryDecode payload with
                    | ValueSome picture -> Frame(picture, whole)
                    | ValueNone -> Bad(NotBase64, whole)

    /// result = "D" SP payload SP checksum — the payload ends at the first place where ` -dddd` follows a payload
    /// whose checksum fits. A damaged one therefore has no end: it stays incomplete, until the peer is quiet or
    /// `limit` bytes of payload have passed.
    let result (limit: int) (bytes: ReadOnlySequence<byte>) : Read<byte[]> =
        let longest = int64 limit + int64 Message.Overhead
        let held = bytes.Slice(0L, min bytes.Length longest)

        let text =
            if held.IsSingleSegment then
                held.FirstSpan
            else
                ReadOnlySpan(held.ToArray())

        let mutable sum = 0
        let mutable found = -1
        let mutable index = 2

        if text.Length > 2 && text[0] = 'D'B && text[1] = ' 'B then
            while found < 0 && index + 1 + Checksum.Length <= text.Length do
                if endsAt text index then
                    match Checksum.tryRead (text.Slice(index + 1)) with
                    | ValueSome checksum when Checksum.fits sum checksum -> found <- index
                    | _ -> ()

                sum <- (sum + int text[index]) &&& 0xFFF
                index <- index + 1

        if found >= 0 then
            Frame(text.Slice(2, found - 2).ToArray(), int64 (found + 1 + Checksum.Length))
        elif bytes.Length >= longest then
            Bad(ResultOverLimit limit, bytes.Length)
        else
            NeedMore

    /// Whether the bytes at hand end as a data message does: then a result that is still incomplete is a damaged
    /// one, rather than one whose rest is on its way.
    let looksEnded (bytes: ReadOnlySequence<byte>) =
        let tail = int64 (1 + Checksum.Length)

        bytes.Length >= tail
        && endsAt (ReadOnlySpan(bytes.Slice(bytes.Length - tail).ToArray())) 0
