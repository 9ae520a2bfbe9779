module internal Tests.Expecto.Worker.GifContainerTests

open System
open Expecto
open Worker.Imaging
open Tests.Expecto.Worker.ContainerChecks

/// A screen of 1 x 1, and a palette of black and white.
let private head =
    Array.concat
        [
            "GIF89a\001\000\001\000"B
            [| 0x80uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0xFFuy; 0xFFuy; 0xFFuy |]
        ]

let tests =
    testList
        "GIF"
        [
            test "a hundred thousand frames reach the decoder as one" {
                let frame = [| 0x21uy; 0xF9uy; 0x04uy; 0x00uy; 0x01uy; 0x00uy; 0x00uy; 0x00uy |]
                let image = "\044\000\000\000\000\001\000\001\000\000\002\002\068\001\000"B

                let file = Array.concat (head :: List.replicate 100_000 (Array.append frame image))

                let first = Array.concat [ head; frame; image; ";"B ]
                Expect.equal (Containers.rewritten ImageFormat.Gif file) first "what the decoder gets"
                Expect.equal (decodedAtOnce "animation" file) (decodedAtOnce "still" first) "the pixels"

                let comments =
                    Array.concat (List.replicate 1_000_000 [| 0x21uy; 0xFEuy; 0x03uy; 0x61uy; 0x62uy; 0x63uy; 0x00uy |])

                Expect.equal
                    (Containers.rewritten ImageFormat.Gif (Array.concat [ head; comments; frame; image ]))
                    first
                    "nor comments"
            }

            test "a frame larger than the screen counts with its own size" {
                // At 0, 0; 65535 x 65535; one block of code lengths of two bits.
                let image =
                    Array.concat [ ",\000\000\000\000"B; Array.create 4 0xFFuy; "\000\002\002\068\001\000;"B ]

                let info = Containers.info ImageFormat.Gif (Array.append head image)
                Expect.equal (info.Width, info.Height) (65_535, 65_535) "size"
                refusedAtOnce "65,535" RefusalReason.TooLarge "65535 x 65535" (Array.append head image)
            }

            test "files without a frame and truncated blocks are refused" {
                for name, rest in
                    [
                        "no frame", ";"B
                        "nothing", ""B
                        "an unknown block", "abcdefghijklmnop"B
                        "a comment that breaks off", [| 0x21uy; 0xFEuy; 0xFFuy; 0x61uy; 0x62uy; 0x63uy |]
                    ] do
                    refusedAtOnce name RefusalReason.Damaged "" (Array.append head rest)
            }
        ]
