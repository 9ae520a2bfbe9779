/// What a picture may make the decoder do.
module Tests.Expecto.Hostile.PictureCostTests

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

let private signature =
    [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]

let private png chunks =
    Array.concat (signature :: [ for kind, data in chunks -> chunk kind data ])

let private strip (file: byte[]) =
    let target = Array.zeroCreate<byte> file.Length
    target[.. PngChunks.Strip(ReadOnlySpan file, Span target) - 1]

let private hasMore (file: byte[]) = PngChunks.HasMore(ReadOnlySpan file)

let private refusalOf limits file =
    match Pictures.preprocess Pictures.squeezenet limits file with
    | Ok _ -> None
    | Error refusal -> Some refusal

/// Straight to libvips, past the check of a picture's first bytes.
let private load (file: byte[]) =
    Vips.EnsureReady()
    use image = Image.NewFromBuffer(file)
    image.Width

let private tiff =
    lazy
        (use image = Pictures.flat 8 8 [| 1uy; 2uy; 3uy |]
         image.TiffsaveBuffer())

let tests =
    testList
        "PictureCost"
        [
            test "a PNG keeps what its pixels need, and loses its texts" {
                let kept =
                    [
                        "IHDR", [| 1uy |]
                        "tRNS", [| 2uy |]
                        "eXIf", [| 3uy |]
                        "IDAT", [| 4uy; 5uy |]
                        "IEND", [||]
                    ]

                let texts =
                    [
                        "zTXt", [| 9uy |]
                        "iTXt", [||]
                        "tEXt", [| 9uy; 9uy |]
                        "iCCP", [| 9uy |]
                        "prIv", [| 9uy |]
                    ]

                let all = kept[..1] @ texts @ kept[2..]
                Expect.isTrue (hasMore (png all)) "there is something to leave out"
                Expect.equal (strip (png all)) (png kept) "it is left out"
                Expect.isFalse (hasMore (png kept)) "and nothing more"
                Expect.equal (strip (png kept)) (png kept) "a plain one stays"
            }

            test "a PNG that breaks off does so in the copy" {
                let file = png [ "IHDR", [| 1uy |]; "zTXt", [| 9uy |]; "IDAT", Array.zeroCreate 40 ]

                for length in 0 .. file.Length do
                    let part = file[.. length - 1]
                    let copy = strip part
                    Expect.isLessThanOrEqual copy.Length part.Length $"{length} bytes"
                    Expect.isFalse (hasMore copy) $"{length} bytes, twice"

                let endless =
                    Array.append signature [| 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy; 0x49uy; 0x44uy; 0x41uy; 0x54uy |]

                Expect.equal (strip endless) endless "a length past the end"
            }

            test "texts change nothing in what is seen" {
                use image = Pictures.scene 300 240

                use told =
                    image.Mutate(fun header ->
                        header.Set(GValue.RefStrType, "png-comment-0-Comment", String('a', 5000)))

                let plain, with' = Pictures.png image, Pictures.png told
                Expect.isTrue (hasMore with') "it has a text"
                Expect.equal (Pictures.tensorOf with') (Pictures.tensorOf plain) "the same"
            }

            test "what can't be decoded row by row has a limit of memory, whose reason says so" {
                use image = Pictures.scene 400 300

                let limits = ImagingLimits(100_000_000L, 65_535, MaxHeld = 300_000L)

                for name, file, refused in
                    [
                        "PNG", image.PngsaveBuffer(), false
                        "PNG, interlaced", image.PngsaveBuffer(interlace = Nullable true), true
                        "JPEG", image.JpegsaveBuffer(), false
                        "JPEG, progressive", image.JpegsaveBuffer(interlace = Nullable true), true
                        "WebP", image.WebpsaveBuffer(), true
                        "GIF", image.GifsaveBuffer(), true
                    ] do
                    match refusalOf limits file with
                    | Some refusal ->
                        Expect.isTrue refused $"{name} is refused"
                        Expect.equal refusal.Reason RefusalReason.TooLarge name
                        Expect.stringContains refusal.Detail "more than 300000" name
                    | None -> Expect.isFalse refused $"{name} is not refused"

                    Expect.isNone (refusalOf ImagingLimits.Standard file) $"{name}, with the standard limits"
            }

            test "what has alpha or 16 bits counts by its bytes" {
                let limits = ImagingLimits(100_000L, 65_535)
                use rgb = Pictures.flat 300 300 [| 1uy; 2uy; 3uy |]
                use rgba = Pictures.flat 300 300 [| 1uy; 2uy; 3uy; 4uy |]

                use deep =
                    rgb.Cast(Enums.BandFormat.Ushort).Copy(interpretation = Nullable Enums.Interpretation.Rgb16)

                Expect.isNone (refusalOf limits (Pictures.png rgb)) "three bytes"

                for name, picture in [ "four", rgba; "six", deep ] do
                    match refusalOf limits (Pictures.png picture) with
                    | Some refusal -> Expect.equal refusal.Reason RefusalReason.TooLarge name
                    | None -> failtest $"{name} bytes: not refused"
            }

            test "a picture whose time is over is refused as too costly, and the next one is not" {
                use large = Pictures.flat 4000 6000 [| 1uy; 2uy; 3uy |]

                let limits =
                    ImagingLimits(100_000_000L, 65_535, MaxTime = TimeSpan.FromMilliseconds 1.0)

                match refusalOf limits (Pictures.png large) with
                | Some refusal ->
                    Expect.equal refusal.Reason RefusalReason.TooCostly "why"
                    Expect.equal refusal.Detail "decoding takes longer than 0.001 s" "in words"
                | None -> failtest "not refused"

                Expect.isNone (refusalOf ImagingLimits.Standard (Pictures.png large)) "with its time"
            }

            test "an animation has a limit of frames" {
                use image = Pictures.scene 64 48
                // Two frames that are the same are saved as one.
                use negative = image.Invert()
                use both = image.Join(negative, Enums.Direction.Vertical)
                use film = both.Mutate(fun header -> header.Set(GValue.GIntType, "page-height", 48))
                let file = film.GifsaveBuffer()

                let limits frames =
                    ImagingLimits(100_000_000L, 65_535, MaxFrames = frames)

                Expect.isNone (refusalOf (limits 2) file) "two"

                match refusalOf (limits 1) file with
                | Some refusal -> Expect.equal refusal.Detail "2 frames, more than 1" "refused"
                | None -> failtest "not refused"
            }

            test "large pictures take turns, and a damaged one passes its turn on" {
                use image = Pictures.flat 1700 1700 [| 1uy; 2uy; 3uy |]
                let whole = image.WebpsaveBuffer(lossless = Nullable true)
                let broken = whole[.. whole.Length / 2]

                let ask file =
                    async { return refusalOf ImagingLimits.Standard file }

                let answers =
                    [ for i in 1..6 -> ask (if i % 2 = 0 then whole else broken) ]
                    |> Async.Parallel
                    |> fun all -> Async.RunSynchronously(all, 30_000)

                for i, answer in Array.indexed answers do
                    Expect.equal answer.IsSome (i % 2 = 0) $"picture {i}"
            }

            for name, file in
                [
                    "SVG", lazy "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>"B
                    "PDF", lazy "%PDF-1.7\n"B
                    "TIFF", tiff
                    "PPM", lazy "P6 1 1 255 abc"B
                ] do
                test $"libvips itself has no loader left for {name}" {
                    Expect.throwsT<VipsException> (fun () -> load (file.Force()) |> ignore) "refused"
                }
        ]
