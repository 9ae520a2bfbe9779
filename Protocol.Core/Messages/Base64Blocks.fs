namespace Protocol.Core

open System
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86

/// Decodes base64 of the standard alphabet, 256 characters at a time into 192 bytes. The library's decoder writes
/// 48 of 64 bytes at a time, so its writes overlap.
module internal Base64Blocks =

    /// The characters in a block.
    [<Literal>]
    let Length = 256

    /// The bytes in a decoded block.
    [<Literal>]
    let Decoded = 192

    let private isSupported = Avx512Vbmi.IsSupported && Avx512BW.IsSupported

    // Marks a character that is not base64. Its uppermost bit is set, as in any character above 127.
    [<Literal>]
    let private NotBase64 = 0x80uy

    let private sixBits =
        let alphabet =
            [|
                yield! [| 'A' .. 'Z' |]
                yield! [| 'a' .. 'z' |]
                yield! [| '0' .. '9' |]
                '+'
                '/'
            |]

        Array.init 128 (fun code ->
            match Array.IndexOf(alphabet, char code) with
            | -1 -> NotBase64
            | value -> byte value)

    let private lower = Vector512.Create(sixBits, 0)
    let private upper = Vector512.Create(sixBits, 64)

    // Two multiplications combine four 6-bit values to 24 bits of a 32-bit number: by 64 and 1, then by 4096 and 1.
    let private pairs = Vector512.AsSByte(Vector512.Create 0x0140_0140u)
    let private quanta = Vector512.AsInt16(Vector512.Create 0x0001_1000u)

    // Byte `index` of the 192 comes from number `index / 3`, highest byte first; 64 come from two adjacent vectors.
    let private picked vector =
        let from index =
            byte (index / 3 * 4 + 2 - index % 3 - 64 * vector)

        Vector512.Create(Array.init 64 (fun at -> from (64 * vector + at)), 0)

    let private first = picked 0
    let private second = picked 1
    let private third = picked 2

    let inline private values (text: Vector512<byte>) (lower: Vector512<byte>) (upper: Vector512<byte>) =
        Avx512Vbmi.PermuteVar64x8x2(lower, text, upper)

    let inline private numbers (values: Vector512<byte>) (pairs: Vector512<sbyte>) (quanta: Vector512<int16>) =
        Vector512.AsByte(Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(values, pairs), quanta))

    let inline private either (a: Vector512<byte>) (b: Vector512<byte>) (c: Vector512<byte>) =
        Avx512F.TernaryLogic(a, b, c, 0xFEuy)

    /// Decodes all whole blocks of `text` to the start of `target`, which must have room for them. Returns the number
    /// of decoded characters: 0 if the processor lacks support, -1 if one is not base64, including padding.
    let decode (text: ReadOnlySpan<byte>) (target: Span<byte>) =
        let blocks = if isSupported then text.Length / Length else 0

        let source =
            MemoryMarshal.Cast<byte, Vector512<byte>>(text.Slice(0, blocks * Length))

        let target =
            MemoryMarshal.Cast<byte, Vector512<byte>>(target.Slice(0, blocks * Decoded))

        let lower, upper, pairs, quanta = lower, upper, pairs, quanta
        let first, second, third = first, second, third
        let mutable wrong = Vector512<byte>.Zero
        let mutable next = 0
        let mutable into = 0

        while next < source.Length do
            let textA, textB, textC, textD =
                source[next], source[next + 1], source[next + 2], source[next + 3]

            let a, b = values textA lower upper, values textB lower upper
            let c, d = values textC lower upper, values textD lower upper
            wrong <- either wrong (either textA textB textC) (either textD a (either b c d))
            let a, b = numbers a pairs quanta, numbers b pairs quanta
            let c, d = numbers c pairs quanta, numbers d pairs quanta
            target[into] <- Avx512Vbmi.PermuteVar64x8x2(a, first, b)
            target[into + 1] <- Avx512Vbmi.PermuteVar64x8x2(b, second, c)
            target[into + 2] <- Avx512Vbmi.PermuteVar64x8x2(c, third, d)
            next <- next + 4
            into <- into + 3

        if Vector512.ExtractMostSignificantBits wrong = 0UL then
            blocks * Length
        else
            -1
