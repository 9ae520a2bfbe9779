/// Base64 text decoded to an image.
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

let tests =
    testList
        "ImageBytes"
        [
            testPropertyWithConfig config "base64 decodes to the picture, however it is split"
            <| fun (Picture bytes) (cuts: int list) -> decoded (Bytes.inPieces cuts (encoded bytes)) = ValueSome bytes

            test "every character is decoded at every position" {
                for offset in 0..255 do
                    let text =
                        Bytes.ofText (String(Array.init 512 (fun at -> alphabet[(at * 5 + at / 64 + offset) % 64])))

                    let plain = Convert.FromBase64String(Bytes.toText text)
                    Expect.equal (decoded (Bytes.whole text)) (ValueSome plain) $"{offset}"
            }

            test "invalid base64 is found at every position, padding within the text too" {
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
                        Expect.equal (decoded (Bytes.whole text)) ValueNone $"{other} at {at}"
            }
        ]
