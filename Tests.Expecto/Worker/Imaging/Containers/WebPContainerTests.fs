module internal Tests.Expecto.Worker.WebPContainerTests

open System
open Scenarios.Pictures
open Expecto
open NetVips
open Worker.Imaging
open Tests.Expecto.Worker.ContainerChecks

let private lossless width height =
    WebPWriter.Chunk("VP8L", WebPWriter.Lossless(width, height, 1uy, 2uy, 3uy))

let private animated width height frames =
    WebPWriter.File(Array.concat (WebPWriter.AnimationHead(width, height) :: frames))

/// A canvas of 8 x 8 with its first frame on it, and a second one.
let private placed left top width height =
    let frame red =
        WebPWriter.Chunk("VP8L", WebPWriter.Lossless(width, height, red, 0uy, 0uy))
        |> fun image -> WebPWriter.Frame(left, top, width, height, image)

    animated 8 8 [ frame 255uy; frame 0uy ]

let tests =
    testList
        "WebP"
        [
            test "436,000 frames reach the decoder as one" {
                let file = WebPWriter.Frames 436_000
                Expect.isGreaterThan file.Length 20_000_000 "as long as it was"

                let still =
                    WebPWriter.File(WebPWriter.Chunk("VP8L", WebPWriter.Lossless(1, 1, 200uy, 100uy, 50uy)))

                Expect.equal (Containers.rewritten ImageFormat.WebP file) still "what the decoder gets"
                Expect.equal (decodedAtOnce "animation" file) (decodedAtOnce "still" still) "the pixels"
            }

            test "a first frame is placed on its canvas, and the rest is white" {
                for left, top, width, height in [ 0, 0, 8, 8; 2, 4, 4, 2; 6, 6, 2, 2; 0, 0, 8, 2 ] do
                    let tensor = decodedAtOnce "placed" (placed left top width height)

                    for y in 0..7 do
                        for x in 0..7 do
                            let isInside = x >= left && x < left + width && y >= top && y < top + height
                            let place = $"({x}, {y}) of {left} {top} {width} {height}"
                            Expect.equal tensor[y * 8 + x] 1f $"red at {place}"
                            Expect.equal tensor[64 + y * 8 + x] (if isInside then 0f else 1f) $"green at {place}"
            }

            test "a file whose announced length ends within its header is refused" {
                let file (length: int) =
                    Array.concat [ "RIFF"B; BitConverter.GetBytes length; "WEBP"B; Array.zeroCreate 20 ]

                for length in [ 0; 1; 3; 4 ] do
                    refusedAtOnce $"{length}" RefusalReason.Damaged "image" (file length)
            }

            test "chunks with a wrong length or place are refused or ignored" {
                let image = lossless 8 8

                let cut =
                    WebPWriter.Chunk("VP8L", WebPWriter.Lossless(8, 8, 1uy, 2uy, 3uy), Nullable 5000u)

                for name, file in
                    [
                        "an image longer than the file", WebPWriter.File cut
                        "longer than its frame", animated 8 8 [ WebPWriter.Frame(0, 0, 8, 8, cut) ]
                        "a frame beside the canvas", animated 8 8 [ WebPWriter.Frame(2, 0, 8, 8, image) ]
                        "a frame of another size", animated 9 9 [ WebPWriter.Frame(0, 0, 9, 9, image) ]
                        "a frame without an image", animated 8 8 [ WebPWriter.Frame(0, 0, 8, 8, [||]) ]
                        "no chunk", WebPWriter.File [||]
                    ] do
                    refusedAtOnce name RefusalReason.Damaged "" file

                let plain = decodedAtOnce "plain" (WebPWriter.File image)

                for name, file in
                    [
                        "a chunk of no length", WebPWriter.File(Array.append (WebPWriter.Chunk("junk", [||])) image)
                        "a longest file", WebPWriter.File(image, Nullable UInt32.MaxValue)
                        "frames behind the still",
                        WebPWriter.File(Array.append image (WebPWriter.Frame(0, 0, 8, 8, cut)))
                        "a million empty chunks",
                        WebPWriter.Chunk("junk", [||])
                        |> Array.replicate 1_000_000
                        |> Array.concat
                        |> fun junk -> WebPWriter.File(Array.append junk image)
                    ] do
                    Expect.equal (decodedAtOnce name file) plain name
            }

            test "an image of 14 bytes can't exceed the limits" {
                for name, words, file in
                    [
                        "16383 x 16383", "the limit is 200000000", WebPWriter.File(lossless 16_383 16_383)
                        "a canvas of 2^24 x 2^24",
                        "16777216 x 16777216",
                        animated (1 <<< 24) (1 <<< 24) [ WebPWriter.Frame(0, 0, 8, 8, lossless 8 8) ]
                    ] do
                    refusedAtOnce name RefusalReason.TooLarge words file
            }

            test "files of libwebp are read unchanged" {
                use image = Pictures.scene 60 44
                use halved = image.Bandjoin(image.ExtractBand 1)
                use film = Pictures.film 60 44

                for name, file, bands in
                    [
                        "lossy", image.WebpsaveBuffer(q = Nullable 80), 3
                        "lossy with alpha", halved.WebpsaveBuffer(q = Nullable 80), 4
                        "lossless", image.WebpsaveBuffer(lossless = Nullable true), 3
                        "lossless with alpha", halved.WebpsaveBuffer(lossless = Nullable true), 4
                        "animated", film.WebpsaveBuffer(q = Nullable 80), 3
                    ] do
                    use whole = Image.NewFromBuffer(file)
                    use part = Image.NewFromBuffer(Containers.rewritten ImageFormat.WebP file)
                    let info = Containers.info ImageFormat.WebP file
                    Expect.equal (info.Width, info.Height, info.Bands) (60, 44, bands) name
                    Expect.equal info.Bands part.Bands $"{name}, bands"

                    Expect.equal
                        (part.WriteToMemory<byte>())
                        (whole.ExtractBand(0, n = Nullable part.Bands).WriteToMemory<byte>())
                        name
            }
        ]
