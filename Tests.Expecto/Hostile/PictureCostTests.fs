/// What a picture may make the decoder do.
module Tests.Expecto.Hostile.PictureCostTests

open System
open Expecto
open NetVips
open Tests.Expecto.Worker
open Worker.Imaging
open Worker.Inference

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
            PngTextsTests.tests

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
                    match Pictures.refusalOf limits file with
                    | Some refusal ->
                        Expect.isTrue refused $"{name} is refused"
                        Expect.equal refusal.Reason RefusalReason.TooLarge name
                        Expect.stringContains refusal.Detail "more than 300000" name
                    | None -> Expect.isFalse refused $"{name} is not refused"

                    Expect.isNone (Pictures.refusalOf ImagingLimits.Standard file) $"{name}, with the standard limits"
            }

            test "what has alpha or 16 bits counts by its bytes" {
                let limits = ImagingLimits(100_000L, 65_535)
                use rgb = Pictures.flat 300 300 [| 1uy; 2uy; 3uy |]
                use rgba = Pictures.flat 300 300 [| 1uy; 2uy; 3uy; 4uy |]

                use deep =
                    rgb.Cast(Enums.BandFormat.Ushort).Copy(interpretation = Nullable Enums.Interpretation.Rgb16)

                Expect.isNone (Pictures.refusalOf limits (Pictures.png rgb)) "three bytes"

                for name, picture in [ "four", rgba; "six", deep ] do
                    match Pictures.refusalOf limits (Pictures.png picture) with
                    | Some refusal -> Expect.equal refusal.Reason RefusalReason.TooLarge name
                    | None -> failtest $"{name} bytes: not refused"
            }

            test "a picture whose time is over is refused as too costly, and the next one is not" {
                use large = Pictures.flat 4000 6000 [| 1uy; 2uy; 3uy |]

                let limits =
                    ImagingLimits(100_000_000L, 65_535, MaxTime = TimeSpan.FromMilliseconds 1.0)

                match Pictures.refusalOf limits (Pictures.png large) with
                | Some refusal ->
                    Expect.equal refusal.Reason RefusalReason.TooCostly "why"
                    Expect.equal refusal.Detail "decoding takes longer than 0.001 s" "in words"
                | None -> failtest "not refused"

                Expect.isNone (Pictures.refusalOf ImagingLimits.Standard (Pictures.png large)) "with its time"
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

                Expect.isNone (Pictures.refusalOf (limits 2) file) "two"

                match Pictures.refusalOf (limits 1) file with
                | Some refusal -> Expect.equal refusal.Detail "2 frames, more than 1" "refused"
                | None -> failtest "not refused"
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

            CostlyTurnTests.tests
        ]
