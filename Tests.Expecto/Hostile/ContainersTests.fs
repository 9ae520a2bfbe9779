/// Managed code walks a file's container first; the decoder gets what one still image needs.
module internal Tests.Expecto.Hostile.ContainersTests

open System
open System.Text
open Bench.Pictures
open Expecto
open FsCheck
open FsCheck.FSharp
open NetVips
open Tests.Expecto.Worker
open Worker.Imaging
open Worker.Imaging.Containers

let private limits = ImagingLimits.Standard

/// No decoder runs for so long, and managed code walks 20 MB in less.
let private moment = 0.5

/// Refused for this reason, within processor time that no decoder would do with.
let private refusedAtOnce name reason (words: string) file =
    let seconds, refusal =
        Containers.processorSeconds (fun () -> Pictures.refusalOf limits file)

    match refusal with
    | Some refusal ->
        Expect.equal refusal.Reason reason $"{name}: {refusal.Detail}"
        Expect.stringContains refusal.Detail words name
    | None -> failtest $"{name}: not refused"

    Expect.isLessThan seconds moment name

let private decodedAtOnce name file =
    let seconds, tensor =
        Containers.processorSeconds (fun () -> Pictures.preprocess (Pictures.plain 8 8) limits file)

    Expect.isLessThan seconds moment name

    match tensor with
    | Ok tensor -> tensor
    | Error refusal -> failtest $"{name}: {refusal}"

let private thrice = [| struct (2, 2); struct (2, 2); struct (2, 2) |]
let private halfChroma = [| struct (2, 2); struct (1, 1); struct (1, 1) |]

let private jpeg =
    testList
        "JPEG"
        [
            test "2,649 scans of 4096 x 4096 are refused before they are decoded" {
                let file = JpegWriter(4096, 4096, thrice).Progressive 13
                Expect.isLessThan file.Length 250_000 "small"
                let info = Containers.info ImageFormat.Jpeg file
                Expect.equal info.Scans 2649 "scans"
                Expect.equal info.Blocks (3L * 512L * 512L) "the blocks of 4:4:4"
                Expect.equal info.BlockVisits (2649L * 512L * 512L) "visits"
                refusedAtOnce "4096" RefusalReason.TooCostly "2649 scans; the limit is 100" file
                refusedAtOnce "1448" RefusalReason.TooCostly "scans" (JpegWriter(1448, 1448, thrice).Progressive 13)
            }

            test "components that are all sampled 2 x 2 are 4:4:4, in memory too" {
                let blocks sampling =
                    (Containers.info ImageFormat.Jpeg (JpegWriter(1600, 1200, sampling).FewScans())).Blocks

                Expect.equal (blocks thrice) (3L * 200L * 150L) "all 2 x 2"
                Expect.equal (blocks halfChroma) (200L * 150L * 3L / 2L) "4:2:0"
                Expect.equal (blocks [| struct (1, 1); struct (4, 4); struct (1, 1) |]) (18L * 50L * 38L) "4 x 4"
            }

            test "scans of a sequential file count as those of a progressive one" {
                let one = JpegWriter(640, 480, thrice, Frame = 0xC0uy)
                let info = Containers.info ImageFormat.Jpeg (one.Sequential true)
                Expect.isFalse info.HoldsCoefficients "interleaved: row by row"
                let apart = Containers.info ImageFormat.Jpeg (one.Sequential false)
                Expect.isTrue apart.HoldsCoefficients "a scan for each component"
                Expect.equal apart.Scans 3 "scans"
                Expect.equal apart.BlockVisits apart.Blocks "each once"
                refusedAtOnce "repeated" RefusalReason.TooCostly "scans" (one.Sequential(false, 40))
            }

            test "kinds that no decoder here has are refused by their name" {
                for name, writer in
                    [
                        "Lossless", JpegWriter(64, 64, thrice, Frame = 0xC3uy)
                        "12-bit", JpegWriter(64, 64, thrice, Frame = 0xC1uy, ResizeMode = 12uy)
                        "2 components", JpegWriter(64, 64, thrice[..1], Frame = 0xC0uy)
                    ] do
                    refusedAtOnce name RefusalReason.Unsupported name (writer.Sequential true)
            }

            test "millions of segments reach no decoder" {
                let many count segment =
                    Array.concat (Array.replicate count segment)

                let front = many 500_000 (JpegWriter.Segment(0xE0uy, "JFIF\000"B))

                let adobe =
                    many 300_000 (JpegWriter.Segment(0xEEuy, "Adobe\000d\000\000\000\000\000\000"B))

                let between = many 100_000 (JpegWriter.Segment(0xEEuy, [| 1uy |]))
                let plain = JpegWriter(64, 64, halfChroma).FewScans()
                let stuffed = JpegWriter(64, 64, halfChroma, BeforeScan = between).FewScans()

                for name, file in
                    [
                        "APP0", Jpegs.insert front plain
                        "behind bytes that are no segment", Jpegs.insert (Array.append [| 0xFFuy; 0uy |] front) plain
                        "between scans", stuffed
                    ] do
                    let info = Containers.info ImageFormat.Jpeg file
                    Expect.isLessThan info.Segments 20 name
                    Expect.isLessThan info.CompressedBytes 1000L name
                    decodedAtOnce name file |> ignore

                refusedAtOnce "Adobe's" RefusalReason.Damaged "Adobe" (Jpegs.insert adobe plain)
            }

            test "a second frame, a second start and a broken frame are refused" {
                let file = JpegWriter(64, 64, halfChroma).FewScans()

                let frame =
                    JpegWriter.Segment(0xC2uy, [| 8uy; 0uy; 8uy; 0uy; 8uy; 1uy; 1uy; 0x11uy; 0uy |])

                for name, changed in
                    [
                        "two frames", Jpegs.insert frame file
                        "two starts", Jpegs.insert [| 0xFFuy; 0xD8uy |] file
                        "no rows", JpegWriter(64, 64, halfChroma, AnnouncedHeight = Nullable 0).FewScans()
                        "a sampling factor of 5", JpegWriter(64, 64, struct (5, 1)).FewScans()
                        "an unknown marker", Jpegs.insert [| 0xFFuy; 0xF0uy; 0uy; 2uy |] file
                    ] do
                    refusedAtOnce name RefusalReason.Damaged "" changed
            }
        ]

/// A canvas of 8 x 8 with its first frame on it, and a second one.
let private placed left top width height =
    let image r =
        WebPWriter.Chunk("VP8L", WebPWriter.Lossless(width, height, r, 0uy, 0uy))

    WebPWriter.File(
        Array.concat
            [
                WebPWriter.AnimationHead(8, 8)
                WebPWriter.Frame(left, top, width, height, image 255uy)
                WebPWriter.Frame(left, top, width, height, image 0uy)
            ]
    )

let private webp =
    testList
        "WebP"
        [
            test "436,000 frames are one frame to the decoder" {
                let file = WebPWriter.Frames 436_000
                Expect.isGreaterThan file.Length 20_000_000 "as long as it was"

                let still =
                    WebPWriter.File(WebPWriter.Chunk("VP8L", WebPWriter.Lossless(1, 1, 200uy, 100uy, 50uy)))

                Expect.equal (Containers.rewritten ImageFormat.WebP file) still "what the decoder gets"
                Expect.equal (decodedAtOnce "animation" file) (decodedAtOnce "still" still) "the pixels"
            }

            test "a first frame lies on its canvas, the rest of which is white" {
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

            test "chunks that lie about their length or place are refused, or don't matter" {
                let image = WebPWriter.Chunk("VP8L", WebPWriter.Lossless(8, 8, 1uy, 2uy, 3uy))

                let cut =
                    WebPWriter.Chunk("VP8L", WebPWriter.Lossless(8, 8, 1uy, 2uy, 3uy), Nullable 5000u)

                for name, file in
                    [
                        "an image longer than the file", WebPWriter.File cut
                        "longer than its frame",
                        WebPWriter.File(
                            Array.append (WebPWriter.AnimationHead(8, 8)) (WebPWriter.Frame(0, 0, 8, 8, cut))
                        )
                        "a frame beside the canvas",
                        WebPWriter.File(
                            Array.append (WebPWriter.AnimationHead(8, 8)) (WebPWriter.Frame(2, 0, 8, 8, image))
                        )
                        "a frame of another size",
                        WebPWriter.File(
                            Array.append (WebPWriter.AnimationHead(9, 9)) (WebPWriter.Frame(0, 0, 9, 9, image))
                        )
                        "a frame without an image",
                        WebPWriter.File(
                            Array.append (WebPWriter.AnimationHead(8, 8)) (WebPWriter.Frame(0, 0, 8, 8, [||]))
                        )
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
                        WebPWriter.File(
                            Array.append
                                (Array.concat (Array.replicate 1_000_000 (WebPWriter.Chunk("junk", [||]))))
                                image
                        )
                    ] do
                    Expect.equal (decodedAtOnce name file) plain name
            }

            test "an image in 14 bytes may not be larger than the limits" {
                refusedAtOnce
                    "16383 x 16383"
                    RefusalReason.TooLarge
                    "the limit is 200000000"
                    (WebPWriter.File(WebPWriter.Chunk("VP8L", WebPWriter.Lossless(16_383, 16_383, 1uy, 2uy, 3uy))))

                refusedAtOnce
                    "a canvas of 2^24 x 2^24"
                    RefusalReason.TooLarge
                    "16777216 x 16777216"
                    (WebPWriter.File(
                        Array.append
                            (WebPWriter.AnimationHead(1 <<< 24, 1 <<< 24))
                            (WebPWriter.Frame(
                                0,
                                0,
                                8,
                                8,
                                WebPWriter.Chunk("VP8L", WebPWriter.Lossless(8, 8, 1uy, 2uy, 3uy))
                            ))
                    ))
            }

            test "what libwebp itself writes is read as it was" {
                use image = Pictures.scene 60 44
                use halved = image.Bandjoin(image.ExtractBand 1)
                use negative = image.Invert()
                use both = image.Join(negative, Enums.Direction.Vertical)
                use film = both.Mutate(fun header -> header.Set(GValue.GIntType, "page-height", 44))

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

let private gif =
    testList
        "GIF"
        [
            test "a hundred thousand frames are one frame to the decoder" {
                let frame = [| 0x21uy; 0xF9uy; 0x04uy; 0x00uy; 0x01uy; 0x00uy; 0x00uy; 0x00uy |]
                let image = "\044\000\000\000\000\001\000\001\000\000\002\002\068\001\000"B

                let head =
                    [|
                        0x47uy
                        0x49uy
                        0x46uy
                        0x38uy
                        0x39uy
                        0x61uy
                        0x01uy
                        0x00uy
                        0x01uy
                        0x00uy
                        0x80uy
                        0x00uy
                        0x00uy
                        0x00uy
                        0x00uy
                        0x00uy
                        0xFFuy
                        0xFFuy
                        0xFFuy
                    |]

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

            test "a frame that is larger than the screen counts as large as it is" {
                let head =
                    [|
                        0x47uy
                        0x49uy
                        0x46uy
                        0x38uy
                        0x39uy
                        0x61uy
                        0x01uy
                        0x00uy
                        0x01uy
                        0x00uy
                        0x80uy
                        0x00uy
                        0x00uy
                        0x00uy
                        0x00uy
                        0x00uy
                        0xFFuy
                        0xFFuy
                        0xFFuy
                    |]

                let image =
                    [|
                        0x2Cuy
                        0x00uy
                        0x00uy
                        0x00uy
                        0x00uy
                        0xFFuy
                        0xFFuy
                        0xFFuy
                        0xFFuy
                        0x00uy
                        0x02uy
                        0x02uy
                        0x44uy
                        0x01uy
                        0x00uy
                        0x3Buy
                    |]

                let info = Containers.info ImageFormat.Gif (Array.append head image)
                Expect.equal (info.Width, info.Height) (65_535, 65_535) "size"
                refusedAtOnce "65,535" RefusalReason.TooLarge "65535 x 65535" (Array.append head image)
            }

            test "no frame, and blocks that break off" {
                let head =
                    [|
                        0x47uy
                        0x49uy
                        0x46uy
                        0x38uy
                        0x39uy
                        0x61uy
                        0x01uy
                        0x00uy
                        0x01uy
                        0x00uy
                        0x80uy
                        0x00uy
                        0x00uy
                        0x00uy
                        0x00uy
                        0x00uy
                        0xFFuy
                        0xFFuy
                        0xFFuy
                    |]

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

let private png =
    let chunk (kind: string) (data: byte[]) =
        Array.concat
            [
                Array.rev (BitConverter.GetBytes data.Length)
                Encoding.ASCII.GetBytes kind
                data
                [| 0uy; 0uy; 0uy; 0uy |]
            ]

    testList
        "PNG"
        [
            test "empty IDAT chunks and a million other ones reach no decoder" {
                use image = Pictures.scene 64 48
                let file = Pictures.png image
                let front = 8 + 25

                for name, piece in [ "IDAT", chunk "IDAT" [||]; "tIME", chunk "tIME" (Array.zeroCreate 7) ] do
                    let many = Array.concat (Array.replicate 700_000 piece)
                    let stuffed = Array.concat [ file[.. front - 1]; many; file[front..] ]

                    Expect.equal
                        (Containers.rewritten ImageFormat.Png stuffed)
                        (Containers.rewritten ImageFormat.Png file)
                        name

                    Expect.equal (decodedAtOnce name stuffed) (decodedAtOnce name file) name
            }

            test "bands and bits are those of the decoded pixels" {
                use rgb = Pictures.scene 30 20

                use grey =
                    rgb.ExtractBand(0).Copy(interpretation = Nullable Enums.Interpretation.Bw)

                use alpha = rgb.AddAlpha()
                use deep = rgb.Colourspace(Enums.Interpretation.Rgb16)

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

/// A file of each format with bytes changed, repeated or cut, behind its first bytes.
let private mutants =
    lazy
        (use image = Pictures.scene 40 30
         use negative = image.Invert()
         use both = image.Join(negative, Enums.Direction.Vertical)
         use film = both.Mutate(fun header -> header.Set(GValue.GIntType, "page-height", 30))

         [
             ImageFormat.Jpeg, JpegWriter(64, 64, halfChroma).FewScans()
             ImageFormat.Png, Pictures.png image
             ImageFormat.WebP, film.WebpsaveBuffer(q = Nullable 70)
             ImageFormat.Gif, film.GifsaveBuffer()
         ])

let private anything =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = 3000
        }
        "whatever the bytes, no container throws or grows"
    <| fun (changes: (uint16 * byte) list) (length: uint16) (noise: byte[]) ->
        for format, file in mutants.Force() do
            let changed = Array.append file noise

            for at, value in changes do
                changed[12 + int at % (changed.Length - 12)] <- value

            let cut = changed[.. 12 + int length % (changed.Length - 12)]

            for one in [ changed; cut ] do
                Containers.read format one |> ignore

let tests = testList "Containers" [ jpeg; webp; gif; png; anything ]
