/// Base64 on its way in: by blocks where the processor can, and as the library decodes it everywhere.
module Tests.Expecto.Protocol.ImageBytesTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators

let private alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

let private decoded sequence =
    match ImageBytes.tryDecode sequence with
    | ValueSome image ->
        use image = image
        ValueSome(image.Memory.ToArray())
    | ValueNone -> ValueNone

let private encoded (bytes: byte[]) =
    Bytes.ofText (Convert.ToBase64String bytes)

/// What the blocks say of `text`, and what they wrote.
let private blocks (text: byte[]) =
    let target = Array.zeroCreate<byte>(text.Length / 4 * 3)
    Base64Blocks.decode (ReadOnlySpan text) (target.AsSpan()), target

let private isSupported = fst (blocks (Array.create 256 'A'B)) > 0

let tests =
    testList
        "ImageBytes"
        [
            testPropertyWithConfig config "a picture comes out of its base64, however that is cut"
            <| fun (Picture bytes) (cuts: int list) -> decoded (Bytes.inPieces cuts (encoded bytes)) = ValueSome bytes

            test "every character has its six bits, at every place of a block" {
                for offset in 0..255 do
                    let text =
                        Bytes.ofText (String(Array.init 512 (fun at -> alphabet[(at * 5 + at / 64 + offset) % 64])))

                    let plain = Convert.FromBase64String(Bytes.toText text)
                    Expect.equal (decoded (Bytes.whole text)) (ValueSome plain) $"{offset}"

                    if isSupported then
                        Expect.equal (blocks text) (512, plain) $"by blocks, {offset}"
            }

            test "whole blocks are taken, and nothing of what is behind them" {
                for length in [ 0; 4; 252; 256; 260; 508; 512; 516 ] do
                    let took, target = blocks (Array.create length 'z'B)
                    let expected = if isSupported then length / 256 * 256 else 0
                    Expect.equal took expected $"{length}"

                    Expect.isTrue
                        (Array.forall ((=) 0uy) target[took / 4 * 3 ..])
                        $"nothing is written behind, {length}"
            }

            test "a byte that is not base64 is found at every place, padding within the text too" {
                let others =
                    [
                        for value in 0..255 do
                            if not (alphabet.Contains(char value)) then
                                byte value
                    ]

                Expect.equal others.Length 192 "others"

                for at in 0..511 do
                    let text = Array.create 516 'q'B

                    for other in (if at % 64 < 2 then others else [ ' 'B; '='B; 128uy ]) do
                        text[at] <- other

                        if isSupported then
                            Expect.equal (fst (blocks text)) -1 $"{other} at {at}"

                        Expect.equal (decoded (Bytes.whole text)) ValueNone $"{other} at {at}"
            }
        ]
