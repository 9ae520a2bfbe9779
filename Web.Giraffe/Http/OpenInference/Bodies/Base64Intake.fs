namespace Web.Giraffe.Inference

open System
open System.Buffers
open System.Buffers.Text
open System.Threading
open System.Threading.Tasks
open Web.Giraffe

/// The result of decoding one picture's base64.
type PictureText =
    | Decoded of ReadOnlySequence<byte>
    | NotBase64
    | TooLong of bytes: int64
    | NoRoom

/// Decodes base64 that arrives in pieces, into memory that grows as needed. Beyond `most` bytes it only counts. White
/// space is ignored, and so is what precedes the text in a data URI.
[<Sealed>]
type Base64Intake(most: int, lease: UploadLease) =
    // Whole quanta of four characters and three bytes.
    let text = Array.zeroCreate<byte> 4096
    let bytes = Array.zeroCreate<byte> 3072
    let white = SearchValues.Create(ReadOnlySpan " \t\r\n"B)
    let mutable filled = 0
    let mutable total = 0L
    let mutable isPadded = false
    let mutable isBegun = false
    let mutable fault = ValueNone

    let keep (count: int) (cancel: CancellationToken) =
        task {
            let blocks = lease.Blocks
            let mutable rest = ReadOnlyMemory(bytes, 0, count)

            while fault.IsNone && not rest.IsEmpty do
                if blocks.Room.IsEmpty then
                    let! hasGrown = blocks.GrowAsync cancel

                    if not hasGrown then
                        fault <- ValueSome NoRoom
                else
                    let take = min rest.Length blocks.Room.Length
                    rest.Slice(0, take).CopyTo blocks.Room
                    blocks.Advance take
                    rest <- rest.Slice take
        }

    /// Returns the number of decoded bytes, or 0 if the text is not base64.
    let decodeText () =
        let mutable consumed = 0
        let mutable written = 0

        let status =
            Base64.DecodeFromUtf8(ReadOnlySpan(text, 0, filled), Span bytes, &consumed, &written, true)

        if status = OperationStatus.Done then written else 0

    /// Drops the start of a data URI.
    let begin' () =
        let start = text.AsSpan(0, filled)
        isBegun <- true

        // A data URI of other text is not base64, as its decoding finds.
        let head =
            ValueOption.defaultValue 0 (Base64Text.headLength (ReadOnlySpan(text, 0, filled)))

        start.Slice(head).CopyTo start
        filled <- filled - head

    let decode (cancel: CancellationToken) =
        task {
            let written = if isPadded then 0 else decodeText ()

            if written = 0 then
                fault <- ValueSome NotBase64
            else
                isPadded <- text[filled - 1] = '='B
                filled <- 0
                total <- total + int64 written

                if total <= int64 most then
                    do! keep written cancel
        }

    let add (piece: ReadOnlyMemory<byte>) (cancel: CancellationToken) : Task<unit> =
        task {
            let mutable rest = piece

            while fault.IsNone && not rest.IsEmpty do
                let take = min rest.Length (text.Length - filled)
                rest.Slice(0, take).CopyTo(text.AsMemory filled)
                filled <- filled + take
                rest <- rest.Slice take

                if filled = text.Length && not isBegun then
                    begin' ()

                if filled = text.Length then
                    do! decode cancel
        }

    /// Adds a piece of the text, with its escapes resolved.
    member _.Add(piece: ReadOnlyMemory<byte>, cancel: CancellationToken) : Task<unit> =
        task {
            let mutable rest = piece

            while fault.IsNone && not rest.IsEmpty do
                match rest.Span.IndexOfAny white with
                | -1 ->
                    do! add rest cancel
                    rest <- ReadOnlyMemory.Empty
                | blank ->
                    do! add (rest.Slice(0, blank)) cancel
                    rest <- rest.Slice(blank + 1)
        }

    member _.Finish(cancel: CancellationToken) : Task<PictureText> =
        task {
            if not isBegun then
                begin' ()

            if fault.IsNone && filled > 0 then
                do! decode cancel

            return
                match fault with
                | ValueSome fault -> fault
                | ValueNone when total > int64 most -> TooLong total
                | ValueNone -> Decoded(lease.Blocks.Sequence())
        }
