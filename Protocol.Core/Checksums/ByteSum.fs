namespace Protocol.Core

open System
open System.Numerics
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86

/// The sum of bytes, modulo 2^32, in one pass.
module internal ByteSum =

    // A 16-bit lane adds two bytes per step: at most 2 · 255 · 128 = 65,280 before it must be emptied.
    [<Literal>]
    let private StepsPerLane = 128

    let private oneByOne (bytes: ReadOnlySpan<byte>) =
        let mutable sum = 0u

        for value in bytes do
            sum <- sum + uint32 value

        sum

    /// Runs on any processor.
    let portable (bytes: ReadOnlySpan<byte>) =
        let vectors = MemoryMarshal.Cast<byte, Vector<byte>> bytes
        let mutable sum = 0u
        let mutable next = 0

        while next < vectors.Length do
            let stop = min vectors.Length (next + StepsPerLane)
            let mutable lanes = Vector<uint16>.Zero

            while next < stop do
                let mutable low = Vector<uint16>.Zero
                let mutable high = Vector<uint16>.Zero
                Vector.Widen(vectors[next], &low, &high)
                lanes <- lanes + low + high
                next <- next + 1

            let mutable low = Vector<uint32>.Zero
            let mutable high = Vector<uint32>.Zero
            Vector.Widen(lanes, &low, &high)
            sum <- sum + Vector.Sum(low + high)

        sum + oneByOne (bytes.Slice(vectors.Length * Vector<byte>.Count))

    /// Requires `Avx2.IsSupported`. One instruction sums eight bytes into a 64-bit lane, and four chains of sums run in
    /// parallel.
    let avx2 (bytes: ReadOnlySpan<byte>) =
        let zero = Vector256<byte>.Zero
        let vectors = MemoryMarshal.Cast<byte, Vector256<byte>> bytes
        let fours = vectors.Length &&& ~~~3
        let mutable a = Vector256<uint64>.Zero
        let mutable b = Vector256<uint64>.Zero
        let mutable c = Vector256<uint64>.Zero
        let mutable d = Vector256<uint64>.Zero
        let mutable next = 0

        while next < fours do
            a <- Avx2.Add(a, Vector256.AsUInt64(Avx2.SumAbsoluteDifferences(vectors[next], zero)))
            b <- Avx2.Add(b, Vector256.AsUInt64(Avx2.SumAbsoluteDifferences(vectors[next + 1], zero)))
            c <- Avx2.Add(c, Vector256.AsUInt64(Avx2.SumAbsoluteDifferences(vectors[next + 2], zero)))
            d <- Avx2.Add(d, Vector256.AsUInt64(Avx2.SumAbsoluteDifferences(vectors[next + 3], zero)))
            next <- next + 4

        while next < vectors.Length do
            a <- Avx2.Add(a, Vector256.AsUInt64(Avx2.SumAbsoluteDifferences(vectors[next], zero)))
            next <- next + 1

        let sum = Vector256.Sum(Avx2.Add(Avx2.Add(a, b), Avx2.Add(c, d)))
        uint32 sum + oneByOne (bytes.Slice(vectors.Length * Vector256<byte>.Count))

    /// Uses AVX2 if the processor supports it.
    let total (bytes: ReadOnlySpan<byte>) =
        if Avx2.IsSupported then avx2 bytes else portable bytes
