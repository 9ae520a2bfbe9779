namespace Protocol.Core

open System
open System.Buffers
open System.Buffers.Text

/// The progress of the search for the end of a result of unknown length. The next read continues there.
[<Struct>]
type ResultSearch =
    internal
        {
            /// The index of the first byte not searched yet.
            Index: int64
            /// The running checksum of the payload before it.
            Running: uint32
        }

/// The grammar of a result, from the client's side. Every reader returns the same result however the bytes are split.
[<RequireQualifiedAccess>]
module ResultReader =

    /// Returns a search at the start of a result's payload.
    let start (parameters: Parameters) : ResultSearch =
        {
            Index = 2L
            Running = ChecksumAlgorithm.start (Parameters.checksum parameters)
        }

    /// Returns the first index from `search` on where a valid checksum follows the payload, or -1, and the end of the
    /// search: the end of the bytes, or a space followed by less than a checksum.
    let private findEnd algorithm (search: ResultSearch) (text: ReadOnlySequence<byte>) =
        let tail = int64 (1 + ChecksumAlgorithm.length algorithm)
        let mutable rest = text.Slice search.Index
        let mutable running = search.Running
        let mutable found = -1L
        let mutable searching = true

        while searching do
            let space = rest.PositionOf ' 'B

            let passed =
                if space.HasValue then
                    rest.Slice(rest.Start, space.Value)
                else
                    rest

            running <- ChecksumAlgorithm.extendBy algorithm running passed
            rest <- rest.Slice passed.Length

            if rest.Length < tail then
                searching <- false
            else
                let ending = (FrameReader.head tail rest).Span

                if
                    FrameReader.endsAt algorithm ending 0
                    && (ChecksumAlgorithm.verify algorithm running (ending.Slice 1)).IsNone
                then
                    found <- text.Length - rest.Length
                    searching <- false
                else
                    running <- ChecksumAlgorithm.extend algorithm running (ending.Slice(0, 1))
                    rest <- rest.Slice 1L

        let next: ResultSearch =
            {
                Index = text.Length - rest.Length
                Running = running
            }

        struct (found, next)

    /// result = "D" SP payload SP checksum — the payload ends where the first valid checksum follows it. A damaged
    /// result therefore has no end. It stays incomplete until the peer is quiet or the payload exceeds `limit` bytes.
    let private readUnsized limit algorithm search (bytes: ReadOnlySequence<byte>) =
        let longest = int64 limit + int64 (ChecksumAlgorithm.overhead algorithm)
        let text = bytes.Slice(0L, min bytes.Length longest)

        let begun =
            text.Length > 2L
            && FrameReader.byteAt text 0L = 'D'B
            && FrameReader.byteAt text 1L = ' 'B

        let struct (found, next) =
            if begun then
                findEnd algorithm search text
            else
                struct (-1L, search)

        match found with
        | -1L when bytes.Length >= longest -> struct (Bad(ResultOverLimit limit, bytes.Length), next)
        | -1L -> struct (NeedMore, next)
        | found ->
            struct (Frame(text.Slice(2L, found - 2L).ToArray(), found + 1L + int64 (ChecksumAlgorithm.length algorithm)),
                    next)

    /// sized = "D" SP 1*DIGIT SP payload SP checksum — without a readable length it stays incomplete.
    let private readSized limit algorithm (bytes: ReadOnlySequence<byte>) =
        let held = FrameReader.head 16L bytes
        let text = held.Span
        let mutable length = 0
        let mutable used = 0

        if
            text.Length < 3
            || text[0] <> 'D'B
            || text[1] <> ' 'B
            || not (Utf8Parser.TryParse(text.Slice 2, &length, &used))
            || text.Length < 3 + used
            || text[2 + used] <> ' 'B
            || length < 0
        then
            if bytes.Length > int64 limit then
                Bad(ResultOverLimit limit, bytes.Length)
            else
                NeedMore
        elif length > limit then
            Bad(ResultOverLimit limit, bytes.Length)
        else
            let start = int64 (3 + used)
            let whole = start + int64 (length + 1 + ChecksumAlgorithm.length algorithm)

            if bytes.Length < whole then
                NeedMore
            else
                let payload = bytes.Slice(start, int64 length)

                match FrameReader.verify algorithm ChecksumNotDigits payload (bytes.Slice(start + int64 length)) with
                | ValueSome reason -> Bad(reason, whole)
                | ValueNone -> Frame(payload.ToArray(), whole)

    /// Reads the payload in either form. Also returns where to continue when more bytes arrive.
    let readFrom search (limit: int) (parameters: Parameters) (bytes: ReadOnlySequence<byte>) =
        let algorithm = Parameters.checksum parameters

        if parameters.Sized then
            struct (readSized limit algorithm bytes, search)
        else
            readUnsized limit algorithm search bytes

    /// Reads the payload in either form.
    let read (limit: int) (parameters: Parameters) (bytes: ReadOnlySequence<byte>) : Read<byte[]> =
        let struct (read, _) = readFrom (start parameters) limit parameters bytes
        read

    /// Returns whether the bytes end like a data message. If so, an incomplete result is damaged; its rest is not in
    /// transit.
    let hasTrailer (parameters: Parameters) (bytes: ReadOnlySequence<byte>) =
        let algorithm = Parameters.checksum parameters
        let tail = int64 (1 + ChecksumAlgorithm.length algorithm)

        bytes.Length >= tail
        && FrameReader.endsAt algorithm (FrameReader.head tail (bytes.Slice(bytes.Length - tail))).Span 0
