/// PNG: chunks that the pixels do not need never reach the decoder, texts that may be large when they are inflated first.
module internal Tests.Expecto.Worker.PngContainerTests

open System
open Expecto
open NetVips
open Scenarios.Pictures
open Tests.Expecto.Worker.Files
open Worker.Imaging
open Tests.Expecto.Worker.ContainerChecks

let private png chunks =
    PngWriter.File [| for kind, data in chunks -> pngChunk kind data |]

/// 1 x 1, RGB with 8 bits.
let private header =
    "IHDR", [| 0uy; 0uy; 0uy; 1uy; 0uy; 0uy; 0uy; 1uy; 8uy; 2uy; 0uy; 0uy; 0uy |]

let private strip = Containers.rewritten ImageFormat.Png

let tests =
    testList
        "PNG"
        [
            test "a copied PNG keeps what its pixels need and loses its texts" {
                let kept = [ header; "tRNS", [| 2uy |]; "IDAT", [| 4uy; 5uy |]; "IEND", [||] ]

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

                Expect.equal (strip (png (kept[..1] @ texts @ kept[2..]))) (png kept) "without its texts"
                Expect.equal (strip (png kept)) (png kept) "a plain one stays"
            }

            test "a truncated PNG stays truncated in the copy" {
                let file = png [ header; "zTXt", [| 9uy |]; "IDAT", Array.zeroCreate 40 ]

                for length in 33 .. file.Length do
                    let part = file[.. length - 1]
                    let copy = strip part
                    Expect.isLessThanOrEqual copy.Length part.Length $"{length} bytes"
                    Expect.equal (strip copy) copy $"{length} bytes, twice"

                for length in 8..28 do
                    Expect.isError (Containers.read ImageFormat.Png file[.. length - 1]) $"{length} bytes"

                let endless = Array.concat [ png [ header ]; Array.create 4 0xFFuy; "IDAT"B ]
                Expect.equal (strip endless) endless "a length past the end"
            }

            test "texts do not change the pixels" {
                use image = Pictures.scene 300 240

                use commented =
                    image.Mutate(fun header ->
                        header.Set(GValue.RefStrType, "png-comment-0-Comment", String('a', 5000)))

                let plain, with' = Pictures.png image, Pictures.png commented
                Expect.isLessThan (strip with').Length with'.Length "it has a text"
                Expect.equal (Pictures.tensorOf with') (Pictures.tensorOf plain) "the same"
            }

            test "empty IDAT chunks and a million other chunks do not reach the decoder" {
                use image = Pictures.scene 64 48
                let file = Pictures.png image

                for name, piece in [ "IDAT", pngChunk "IDAT" [||]; "tIME", pngChunk "tIME" (Array.zeroCreate 7) ] do
                    let stuffed = withChunks (Array.concat (Array.replicate 700_000 piece)) file
                    Expect.equal (strip stuffed) (strip file) name
                    Expect.equal (decodedAtOnce name stuffed) (decodedAtOnce name file) name
            }

            test "the estimated bands and bits are those of the decoded pixels" {
                use rgb = Pictures.scene 30 20
                use grey = Pictures.grey 0 rgb
                use alpha = rgb.AddAlpha()
                use deep = Pictures.deep rgb

                for name, file in
                    [
                        "RGB", Pictures.png rgb
                        "grey", Pictures.png grey
                        "1 bit", grey.PngsaveBuffer(bitdepth = Nullable 1)
                        "alpha", Pictures.png alpha
                        "16 bits", Pictures.png deep
                        "palette", rgb.PngsaveBuffer(palette = Nullable true)
                    ] do
                    use image = Image.NewFromBuffer file
                    let info = Containers.info ImageFormat.Png file
                    Expect.equal info.Bands image.Bands name
                    Expect.equal info.SampleBytes (if image.Format = Enums.BandFormat.Uchar then 1 else 2) name
            }
        ]
