namespace Protocol.Core

open System
open System.Numerics
open System.Runtime.InteropServices

/// The sum of bytes, modulo 2^32, in one pass.
module internal ByteSum =

    // A 16-bit lane adds two bytes per step: at most 2 · 255 · 128 = 65,280 before it must be emptied.
    [<Literal>]
    let private StepsPerLane = 128

    let total (bytes: ReadOnlySpan<byte>) =
        let vectors = MemoryMarshal.Cast<byte, Vector<byte>> bytes
        let mutable sum = 0u
        let mutable next = 0

        while next < vectors.Length do
            let stop = min vectors.Length (next + StepsPerLane)
            let mutable lanes = Vector<uint16>.Zero

            while next < stop do
                lanes <- lanes + Vector.WidenLower vectors[next] + Vector.WidenUpper vectors[next]
                next <- next + 1

            sum <- sum + Vector.Sum(Vector.WidenLower lanes + Vector.WidenUpper lanes)

        for value in bytes.Slice(vectors.Length * Vector<byte>.Count) do
            sum <- sum + uint32 value

        sum
