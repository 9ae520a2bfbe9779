/// What a picture may make the decoder do.
module Tests.Expecto.Worker.PictureCostTests

open System
open Expecto
open NetVips
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
            test "alpha and 16 bits count by their bytes" {
                let limits = ImagingLimits(100_000L, 65_535)
                use rgb = Pictures.flat 300 300 [| 1uy; 2uy; 3uy |]
                use rgba = Pictures.flat 300 300 [| 1uy; 2uy; 3uy; 4uy |]

                use deep = Pictures.deep rgb
                Expect.isNone (Pictures.refusalOf limits (Pictures.png rgb)) "three bytes"

                for name, picture in [ "four", rgba; "six", deep ] do
                    Pictures.isRefused limits RefusalReason.TooLarge "" (Pictures.png picture) name
            }

            test "a picture that exceeds the time limit is refused as too costly, and the next one is not" {
                use large = Pictures.flat 4000 6000 [| 1uy; 2uy; 3uy |]

                let limits =
                    ImagingLimits(100_000_000L, 65_535, MaxTime = TimeSpan.FromMilliseconds 1.0)

                let file = Pictures.png large
                Pictures.isRefused limits RefusalReason.TooCostly "the limit is 0.001 s" file "24 megapixels"
                Expect.isNone (Pictures.refusalOf ImagingLimits.Standard file) "with its time"
            }

            for name, file in
                [
                    "SVG", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>"B
                    "PDF", "%PDF-1.7\n"B
                    "PPM", "P6 1 1 255 abc"B
                ] do
                test $"libvips has no loader for {name}" {
                    Expect.throwsT<VipsException> (fun () -> load file |> ignore) "refused"
                }
        ]
