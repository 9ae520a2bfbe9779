namespace Protocol.Core

open System
open System.Buffers

/// The checksum algorithm for a payload: the protocol's own, or crc32c = "=" 8HEXDIG, the payload's CRC-32C
/// (Castagnoli, RFC 9260 appendix A) in lower case.
[<RequireQualifiedAccess; Struct>]
type ChecksumAlgorithm =
    | Sum
    | Crc32c

/// Operations on either checksum. `start` returns the first running value, `extend` the next.
[<RequireQualifiedAccess>]
module ChecksumAlgorithm =

    /// Returns the length on the wire in bytes, including the mark.
    let length algorithm =
        match algorithm with
        | ChecksumAlgorithm.Sum -> Checksum.Length
        | ChecksumAlgorithm.Crc32c -> 9

    /// Returns the bytes of a data message without its payload: `D`, two spaces, the checksum.
    let overhead algorithm = 3 + length algorithm

    let start algorithm =
        match algorithm with
        | ChecksumAlgorithm.Sum -> 0u
        | ChecksumAlgorithm.Crc32c -> UInt32.MaxValue

    let extend algorithm (running: uint32) (bytes: ReadOnlySpan<byte>) =
        match algorithm with
        | ChecksumAlgorithm.Sum -> uint32 (Checksum.extend (int running) bytes)
        | ChecksumAlgorithm.Crc32c -> Crc32c.extend running bytes

    /// Returns the running value of a whole payload.
    let ofSpan algorithm (payload: ReadOnlySpan<byte>) =
        extend algorithm (start algorithm) payload

    let extendBy algorithm (running: uint32) (bytes: ReadOnlySequence<byte>) =
        let mutable running = running

        for piece in bytes do
            running <- extend algorithm running piece.Span

        running

    let ofSequence algorithm (payload: ReadOnlySequence<byte>) =
        extendBy algorithm (start algorithm) payload

    /// Returns a payload's CRC-32C as a number.
    let crc32c (payload: ReadOnlySequence<byte>) =
        ~~~(ofSequence ChecksumAlgorithm.Crc32c payload)

    /// Writes the checksum to the start of `target`.
    let write algorithm (running: uint32) (target: Span<byte>) =
        match algorithm with
        | ChecksumAlgorithm.Sum -> Checksum.write (int running) target
        | ChecksumAlgorithm.Crc32c ->
            target[0] <- '='B
            let mutable written = 0

            Buffers.Text.Utf8Formatter.TryFormat(~~~running, target.Slice 1, &written, StandardFormat('x', 8uy))
            |> ignore

    let private tryReadCrc (source: ReadOnlySpan<byte>) =
        let mutable value = 0u
        let mutable used = 0

        if
            source.Length >= 9
            && source[0] = '='B
            && Buffers.Text.Utf8Parser.TryParse(source.Slice(1, 8), &value, &used, 'x')
            && used = 8
        then
            ValueSome value
        else
            ValueNone

    /// Returns whether the bytes begin with a checksum of this form, of any value.
    let looksLike algorithm (source: ReadOnlySpan<byte>) =
        match algorithm with
        | ChecksumAlgorithm.Sum -> (Checksum.tryRead source).IsSome
        | ChecksumAlgorithm.Crc32c -> (tryReadCrc source).IsSome

    /// Verifies the checksum at the start of `source` for this running value. Returns the error, if any.
    let verify algorithm (running: uint32) (source: ReadOnlySpan<byte>) =
        match algorithm with
        | ChecksumAlgorithm.Sum ->
            match Checksum.tryRead source with
            | ValueNone -> ValueSome ChecksumNotDigits
            | ValueSome received when Checksum.isValid (int running) received -> ValueNone
            | ValueSome received -> ValueSome(ChecksumMismatch(int64 received, int64 (Checksum.ofSum (int running))))
        | ChecksumAlgorithm.Crc32c ->
            match tryReadCrc source with
            | ValueNone -> ValueSome ChecksumNotDigits
            | ValueSome received when received = ~~~running -> ValueNone
            | ValueSome received -> ValueSome(ChecksumMismatch(int64 received, int64 (~~~running)))
