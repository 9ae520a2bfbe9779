namespace Protocol.Core

open System
open System.Numerics
open System.Runtime.InteropServices

/// The CRC-32C of bytes, without the final complement, in one pass.
module internal Crc32c =

    /// Extends the value `running` of the first part by `bytes`, eight at a time.
    let extend (running: uint32) (bytes: ReadOnlySpan<byte>) =
        let words = MemoryMarshal.Cast<byte, uint64> bytes
        let mutable crc = running

        for word in words do
            crc <- BitOperations.Crc32C(crc, word)

        for value in bytes.Slice(words.Length * 8) do
            crc <- BitOperations.Crc32C(crc, value)

        crc
