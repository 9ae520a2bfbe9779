/// A PNG's texts, which may be large when they are unpacked, never reach the decoder.
module internal Tests.Expecto.Worker.PngTextsTests

open System
open System.Text
open Expecto
open NetVips
open Tests.Expecto.Worker
open Worker.Imaging

let private chunk (kind: string) (data: byte[]) =
    Array.concat
        [
            BitConverter.GetBytes data.Length |> Array.rev
            Encoding.ASCII.GetBytes kind
            data
            [| 1uy; 2uy; 3uy; 4uy |]
        ]

/// 1 x 1, RGB with 8 bits.
let private header =
    [| 0uy; 0uy; 0uy; 1uy; 0uy; 0uy; 0uy; 1uy; 8uy; 2uy; 0uy; 0uy; 0uy |]

let private png chunks =
    Array.concat (Files.pngSignature :: [ for kind, data in chunks -> chunk kind data ])

let private strip = Containers.rewritten ImageFormat.Png

let private hasMore (file: byte[]) = (strip file).Length < file.Length

let tests =
    testList
        "PngTexts"
        [
            test "a copied PNG keeps what its pixels need and loses its texts" {
                let kept =
                    [ "IHDR", header; "tRNS", [| 2uy |]; "IDAT", [| 4uy; 5uy |]; "IEND", [||] ]

                let texts =
                    [
                        "zTXt", [| 9uy |]
                        "iTXt", [||]
                        "tEXt", [| 9uy; 9uy |]
                        "iCCP", [| 9uy |]
                        "prIv", [| 9uy |]
                        "eXIf", [| 3uy |]
                        "gAMA", [| 0uy; 0uy; 0uy; 1uy |]
                    ]

                let all = kept[..1] @ texts @ kept[2..]
                Expect.isTrue (hasMore (png all)) "there is something to leave out"
                Expect.equal (strip (png all)) (png kept) "it is left out"
                Expect.isFalse (hasMore (png kept)) "and nothing more"
                Expect.equal (strip (png kept)) (png kept) "a plain one stays"
            }

            test "a truncated PNG stays truncated in the copy" {
                let file = png [ "IHDR", header; "zTXt", [| 9uy |]; "IDAT", Array.zeroCreate 40 ]

                for length in 33 .. file.Length do
                    let part = file[.. length - 1]
                    let copy = strip part
                    Expect.isLessThanOrEqual copy.Length part.Length $"{length} bytes"
                    Expect.isFalse (hasMore copy) $"{length} bytes, twice"

                for length in 8..28 do
                    Expect.isError (Containers.read ImageFormat.Png file[.. length - 1]) $"{length} bytes"

                let endless =
                    Array.append
                        (png [ "IHDR", header ])
                        [| 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy; 0x49uy; 0x44uy; 0x41uy; 0x54uy |]

                Expect.equal (strip endless) endless "a length past the end"
            }

            test "texts do not change the pixels" {
                use image = Pictures.scene 300 240

                use told =
                    image.Mutate(fun header ->
                        header.Set(GValue.RefStrType, "png-comment-0-Comment", String('a', 5000)))

                let plain, with' = Pictures.png image, Pictures.png told
                Expect.isTrue (hasMore with') "it has a text"
                Expect.equal (Pictures.tensorOf with') (Pictures.tensorOf plain) "the same"
            }
        ]
