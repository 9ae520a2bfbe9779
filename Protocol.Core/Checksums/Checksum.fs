namespace Protocol.Core

open System

/// checksum = "-" 4DIGIT — the bitwise complement (-1 … -4096) of the payload's byte sum modulo 4096, so that
/// `sum + checksum = -1` holds for an undamaged payload.
[<RequireQualifiedAccess>]
module Checksum =

    /// The length on the wire in bytes: the sign and four digits.
    [<Literal>]
    let Length = 5

    [<Literal>]
    let private Mask = 0xFFF

    /// Extends the sum `before` of a payload's first part by its next `bytes`. Returns 0 … 4095.
    let extend (before: int) (bytes: ReadOnlySpan<byte>) =
        int ((uint32 before + ByteSum.total bytes) &&& uint32 Mask)

    /// Returns the payload's byte sum modulo 4096.
    let sum (payload: ReadOnlySpan<byte>) = extend 0 payload

    /// Returns the checksum, -1 … -4096, for a sum.
    let ofSum (sum: int) = ~~~(sum &&& Mask)

    let isValid (sum: int) (checksum: int) = sum + checksum = -1

    /// Writes the five bytes for `sum` to the start of `target`.
    let write (sum: int) (target: Span<byte>) =
        let magnitude = -(ofSum sum)
        target[0] <- '-'B
        target[1] <- '0'B + byte (magnitude / 1000)
        target[2] <- '0'B + byte (magnitude / 100 % 10)
        target[3] <- '0'B + byte (magnitude / 10 % 10)
        target[4] <- '0'B + byte (magnitude % 10)

    /// Reads a number of the form `-dddd`, 0 … -9999. Returns nothing for any other form.
    let tryRead (source: ReadOnlySpan<byte>) =
        if source.Length < Length || source[0] <> '-'B then
            ValueNone
        else
            let mutable magnitude = 0
            let mutable digits = 0

            while digits < 4 && source[1 + digits] >= '0'B && source[1 + digits] <= '9'B do
                magnitude <- magnitude * 10 + int (source[1 + digits] - '0'B)
                digits <- digits + 1

            if digits = 4 then ValueSome -magnitude else ValueNone
