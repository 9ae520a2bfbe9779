/// What a picture may make the decoder do.
module Tests.Expecto.Worker.PictureCostTests

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

let tests =
    testList
        "PictureCost"
        [
            PngTextsTests.tests
            ContainersTests.tests
            DecodeCostTests.tests

            test "alpha and 16 bits count by their bytes" {
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

            test "a picture that exceeds the time limit is refused as too costly, and the next one is not" {
                use large = Pictures.flat 4000 6000 [| 1uy; 2uy; 3uy |]

                let limits =
                    ImagingLimits(100_000_000L, 65_535, MaxTime = TimeSpan.FromMilliseconds 1.0)

                match Pictures.refusalOf limits (Pictures.png large) with
                | Some refusal ->
                    Expect.equal refusal.Reason RefusalReason.TooCostly "why"
                    Expect.stringContains refusal.Detail "the limit is 0.001 s" "in words"
                | None -> failtest "not refused"

                Expect.isNone (Pictures.refusalOf ImagingLimits.Standard (Pictures.png large)) "with its time"
            }

            for name, file in
                [
                    "SVG", lazy "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>"B
                    "PDF", lazy "%PDF-1.7\n"B
                    "PPM", lazy "P6 1 1 255 abc"B
                ] do
                test $"libvips has no loader for {name}" {
                    Expect.throwsT<VipsException> (fun () -> load (file.Force()) |> ignore) "refused"
                }

            LargeImageGateTests.tests
        ]
