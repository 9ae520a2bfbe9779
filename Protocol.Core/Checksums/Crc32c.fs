namespace Protocol.Core

open System
open System.Numerics
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86

/// The CRC-32C of bytes, without the final complement, in one pass.
module internal Crc32c =

    /// Runs on any processor: eight bytes per instruction, each of which depends on the previous one.
    let portable (running: uint32) (bytes: ReadOnlySpan<byte>) =
        let words = MemoryMarshal.Cast<byte, uint64> bytes
        let mutable crc = running

        for word in words do
            crc <- BitOperations.Crc32C(crc, word)

        for index in words.Length * 8 .. bytes.Length - 1 do
            crc <- BitOperations.Crc32C(crc, bytes[index])

        crc

    // Two products shift a 128-bit polynomial by D bits: its lower half times x^(D+31) and its upper half times
    // x^(D-33), both modulo the CRC's polynomial, bits reversed.
    let private by2048 = Vector128.Create(0xdcb17aa4UL, 0xb9e02b86UL)
    let private by512 = Vector128.Create(0x740eef02UL, 0x9e4addf8UL)
    let private by128 = Vector128.Create(0xf20c0dfeUL, 0x493c7d27UL)

    let inline private wide (value: Vector128<uint64>) =
        let two = Vector256.Create(value, value)
        Vector512.Create(two, two)

    let inline private fold (value: Vector512<uint64>) (onward: Vector512<uint64>) (next: Vector512<uint64>) =
        let lower = Pclmulqdq.V512.CarrylessMultiply(value, onward, 0x00uy)
        let upper = Pclmulqdq.V512.CarrylessMultiply(value, onward, 0x11uy)
        Vector512.Xor(Vector512.Xor(lower, upper), next)

    let inline private foldNarrow (value: Vector128<uint64>) (next: Vector128<uint64>) =
        let lower = Pclmulqdq.CarrylessMultiply(value, by128, 0x00uy)
        let upper = Pclmulqdq.CarrylessMultiply(value, by128, 0x11uy)
        Vector128.Xor(Vector128.Xor(lower, upper), next)

    /// Requires `Pclmulqdq.V512.IsSupported`. Four chains of 64 bytes run in parallel.
    let folded (running: uint32) (bytes: ReadOnlySpan<byte>) =
        let vectors = MemoryMarshal.Cast<byte, Vector512<uint64>> bytes
        let fours = vectors.Length &&& ~~~3

        if fours = 0 then
            portable running bytes
        else
            let onward = wide by2048
            let mutable a = Vector512.Xor(vectors[0], Vector512.CreateScalar(uint64 running))
            let mutable b = vectors[1]
            let mutable c = vectors[2]
            let mutable d = vectors[3]
            let mutable next = 4

            while next < fours do
                a <- fold a onward vectors[next]
                b <- fold b onward vectors[next + 1]
                c <- fold c onward vectors[next + 2]
                d <- fold d onward vectors[next + 3]
                next <- next + 4

            let onward = wide by512
            let one = fold (fold (fold a onward b) onward c) onward d
            let low, high = one.GetLower(), one.GetUpper()

            let last =
                foldNarrow
                    (foldNarrow (foldNarrow (low.GetLower()) (low.GetUpper())) (high.GetLower()))
                    (high.GetUpper())

            let crc =
                BitOperations.Crc32C(BitOperations.Crc32C(0u, last.GetElement 0), last.GetElement 1)

            portable crc (bytes.Slice(fours * Vector512<byte>.Count))

    /// Extends the value `running` of the first part by `bytes`, with the fastest supported instructions.
    let extend (running: uint32) (bytes: ReadOnlySpan<byte>) =
        if Pclmulqdq.V512.IsSupported then
            folded running bytes
        else
            portable running bytes
