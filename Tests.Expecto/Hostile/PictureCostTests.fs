/// What a picture may make the decoder do.
module Tests.Expecto.Hostile.PictureCostTests

open System
open System.Text
open System.Threading
open Expecto
open Microsoft.Extensions.Logging.Abstractions
open NetVips
open Tests.Expecto.Worker
open Worker
open Worker.Imaging
open Worker.Inference
open Worker.Models

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

/// Held whole while it is decoded.
let private costly =
    lazy
        (use image = Pictures.flat 1700 1700 [| 1uy; 2uy; 3uy |]
         image.WebpsaveBuffer(lossless = Nullable true))

/// Two lanes over the real model.
let private recognizer patience =
    let places =
        StorePlaces(ModelCatalog.DefaultDirectory(), List.toArray Pictures.mirrors, true)

    let options =
        RecognizerOptions(2, 64, ImagingLimits.Standard, CostlyPatience = patience)

    match
        RecognizerSetup.CreateAsync("squeezenet1_1", places, options, NullLogger.Instance).GetAwaiter().GetResult()
    with
    | :? Outcome<Recognizer>.Ok as ok -> ok.Value
    | other -> failwith $"The tests need the model, which MODEL_MIRROR or shared/models holds: {other}"

/// What became of so many costly ones, asked at once.
let private burst patience count =
    use recognizer = recognizer patience

    [
        for _ in 1..count ->
            recognizer.RecognizeAsync(ReadOnlyMemory(costly.Force()), RecognitionWishes.Plain)
            |> Async.AwaitTask
    ]
    |> Async.Parallel
    |> fun all -> Async.RunSynchronously(all, 60_000)
    |> Array.map (function
        | :? RecognitionResult.Named -> None
        | :? RecognitionResult.Refused as refused -> Some refused.Refusal.Reason
        | other -> failwith $"neither named nor refused: {other}")

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

            test "a costly picture is refused as busy while another has the turn, a cheap one is not" {
                use turn = new CostlyTurn(waits = false)

                let model =
                    Preprocessor(Pictures.squeezenet, ImagingLimits.Standard, Precision.Faithful, turn)

                let tensor = Array.zeroCreate<float32>(3 * 224 * 224)

                let ask (file: byte[]) =
                    model.Run(ReadOnlySpan file, tensor.AsSpan()) |> Option.ofObj

                use small = Pictures.flat 300 300 [| 1uy; 2uy; 3uy |]
                Expect.isTrue (turn.TryTake()) "the other has it"
                Expect.equal (ask (costly.Force()) |> Option.map _.Reason) (Some RefusalReason.Busy) "the costly one"
                Expect.isNone (ask (Pictures.png small)) "the cheap one"
                turn.Release()
                Expect.isNone (ask (costly.Force())) "its turn"
                Expect.isTrue turn.IsFree "given back"
            }

            test "of a burst of costly pictures a few wait for each other, the rest is told to come later" {
                let answers = burst (TimeSpan.FromSeconds 60.0) 12
                let named, refused = answers |> Array.partition Option.isNone
                // One at work and four in the line; more where the first were done before the last came.
                Expect.isGreaterThanOrEqual named.Length 5 "named"
                Expect.all refused ((=) (Some RefusalReason.Busy)) "refused as busy"
            }

            test "nobody waits longer than the patience for it, and without an end to it all are named" {
                let impatient = burst TimeSpan.Zero 8
                Expect.exists impatient Option.isNone "one was first"
                Expect.all impatient (fun answer -> answer.IsNone || answer = Some RefusalReason.Busy) "the others"
                Expect.all (burst Timeout.InfiniteTimeSpan 8) Option.isNone "all"
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
