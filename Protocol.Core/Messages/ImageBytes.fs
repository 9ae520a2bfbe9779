namespace Protocol.Core

open System
open System.Buffers
open System.Buffers.Text

/// An image received from the wire, in a rented array. The receiver owns it and disposes it once, when nothing reads
/// `Memory` any more.
[<Sealed>]
type ImageBytes internal (rented: byte[], length: int) =
    let mutable array = rented

    /// The picture's own bytes; valid until `Dispose`.
    member _.Memory = ReadOnlyMemory<byte>(array, 0, length)

    interface IDisposable with
        member _.Dispose() =
            let owned = Threading.Interlocked.Exchange(&array, Array.Empty())

            if owned.Length > 0 then
                ArrayPool<byte>.Shared.Return owned

[<RequireQualifiedAccess>]
module ImageBytes =

    // A quantum of base64: four characters, three bytes.
    let private Quantum = 4

    /// Decodes base64 in pieces of any length to the start of `target`.
    [<Sealed>]
    type private Decoder(target: byte[]) =
        let carry = Array.zeroCreate<byte> Quantum
        let mutable carried = 0
        let mutable length = 0
        let mutable isValid = true

        /// Decodes whole quanta. Only the last one of a text may be padded.
        member _.Quanta(source: ReadOnlySpan<byte>, isLast: bool) =
            let mutable consumed = 0
            let mutable written = 0

            let status =
                Base64.DecodeFromUtf8(source, target.AsSpan length, &consumed, &written, isLast)

            // The decoder skips white space, which the grammar does not allow.
            let full = source.Length / Quantum * 3
            let least = if isLast then full - 2 else full
            isValid <- isValid && status = OperationStatus.Done && written >= least
            length <- length + written

        member decoder.Piece(source: ReadOnlySpan<byte>) =
            let filled =
                if carried = 0 then
                    0
                else
                    min (Quantum - carried) source.Length

            source.Slice(0, filled).CopyTo(carry.AsSpan carried)
            carried <- carried + filled

            if carried = Quantum then
                decoder.Quanta(ReadOnlySpan carry, false)
                carried <- 0

            if carried = 0 then
                let rest = source.Slice filled
                let whole = rest.Length / Quantum * Quantum

                if whole > 0 then
                    decoder.Quanta(rest.Slice(0, whole), false)

                rest.Slice(whole).CopyTo(carry)
                carried <- rest.Length - whole

        /// The number of decoded bytes; -1 if the text is not base64.
        member _.Length = if isValid && carried = 0 then length else -1

    /// Decodes padded base64 of the standard alphabet without copying `text`, whose length must be over 0 and divisible
    /// by 4. Returns nothing if it is not base64, including for white space and missing padding.
    let tryDecode (text: ReadOnlySequence<byte>) : ImageBytes voption =
        let target = ArrayPool<byte>.Shared.Rent(int text.Length / Quantum * 3)
        let decoder = Decoder target
        let last = text.Length - int64 Quantum

        for piece in text.Slice(0L, last) do
            decoder.Piece piece.Span

        decoder.Quanta(ReadOnlySpan(text.Slice(last).ToArray()), true)

        if decoder.Length > 0 then
            ValueSome(new ImageBytes(target, decoder.Length))
        else
            ArrayPool<byte>.Shared.Return target
            ValueNone

    /// Copies the picture's own bytes; `bytes` must not be empty.
    let copy (bytes: ReadOnlySequence<byte>) : ImageBytes =
        let target = ArrayPool<byte>.Shared.Rent(int bytes.Length)
        bytes.CopyTo(target.AsSpan())
        new ImageBytes(target, int bytes.Length)
