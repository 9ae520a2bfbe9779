module Tests.Expecto.Protocol.ChecksumTests

open System
open System.Text
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators

let private text sum =
    let target = Array.zeroCreate<byte> Checksum.Length
    Checksum.write sum (target.AsSpan())
    Encoding.ASCII.GetString target

let private plainSum (bytes: byte[]) = Array.sumBy int bytes &&& 0xFFF

let tests =
    testList
        "Checksum"
        [
            test "every sum's text reads back as its checksum, and fits only its own sum" {
                for sum in 0..4095 do
                    match Checksum.tryRead (ReadOnlySpan(Encoding.ASCII.GetBytes(text sum))) with
                    | ValueSome checksum ->
                        Expect.equal checksum (Checksum.ofSum sum) "reads back"
                        Expect.isTrue (Checksum.isValid sum checksum) "fits"
                        Expect.isFalse (Checksum.isValid ((sum + 1) &&& 0xFFF) checksum) "fits no other"
                    | ValueNone -> failtest $"{text sum} was not read"
            }

            test "a checksum is a sign and four digits" {
                for wrong in [ "+0001"; "-001 "; "-00a1"; " 0001"; "-001"; ""; "00001"; "-0x01" ] do
                    Expect.equal
                        (Checksum.tryRead (ReadOnlySpan(Encoding.ASCII.GetBytes wrong)))
                        ValueNone
                        $"'{wrong}' is no checksum"
            }

            test "the vectorised sum equals the plain sum for every length and for many large bytes" {
                for length in [ 0..300 ] @ [ 200_000 ] do
                    let bytes = Array.init length (fun i -> byte (255 - i % 7))
                    Expect.equal (ByteSum.total (ReadOnlySpan bytes)) (Array.sumBy uint32 bytes) $"{length} bytes"
            }

            testPropertyWithConfig config "the vectorised sum is the plain one"
            <| fun (Picture bytes) -> Checksum.sum (ReadOnlySpan bytes) = plainSum bytes

            test "the vectorised sum does not overflow on the largest bytes" {
                let bytes = Array.create 5_000_003 255uy
                Expect.equal (Checksum.sum (ReadOnlySpan bytes)) (plainSum bytes) "5,000,003 bytes of 255"
            }

            test "the CRC-32C equals the one computed bit by bit, for every length and start value" {
                let random = Random 7

                /// Bit by bit, as RFC 9260's appendix A has it.
                let bitwise running (bytes: byte[]) =
                    let next crc _ =
                        if crc &&& 1u = 1u then
                            (crc >>> 1) ^^^ 0x82f63b78u
                        else
                            crc >>> 1

                    Array.fold (fun crc (value: byte) -> Seq.fold next (crc ^^^ uint32 value) [ 1..8 ]) running bytes

                for length in [ 0..1100 ] @ [ 200_003 ] do
                    let bytes = Array.zeroCreate<byte> length
                    random.NextBytes bytes

                    let running =
                        if length % 2 = 0 then
                            UInt32.MaxValue
                        else
                            uint32 (random.Next())

                    Expect.equal (Crc32c.extend running (ReadOnlySpan bytes)) (bitwise running bytes) $"{length} bytes"
            }

            testPropertyWithConfig config "a payload in pieces has the sum of the whole"
            <| fun (Picture bytes) (cuts: int list) ->
                ChecksumAlgorithm.ofSequence ChecksumAlgorithm.Sum (Bytes.inPieces cuts bytes) = uint32 (plainSum bytes)

            testPropertyWithConfig config "a changed byte never passes"
            <| fun (Picture bytes) (place: int) (change: byte) ->
                let index = abs (place % bytes.Length)
                let changed = Array.copy bytes
                changed[index] <- changed[index] + change

                change = 0uy
                || not (Checksum.isValid (Checksum.sum (ReadOnlySpan changed)) (Checksum.ofSum (plainSum bytes)))
        ]
