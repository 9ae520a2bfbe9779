/// Pictures that the preprocessor refuses, and the reason that it gives.
module Tests.Expecto.Worker.RefusedPicturesTests

open System
open System.Text
open Expecto
open NetVips
open Tests.Expecto.Worker.Files
open Tests.Expecto.Worker.Pictures
open Worker.Imaging

let tests =
    testList
        "RefusedPictures"
        [
            test "other formats are refused" {
                let random = Random 1
                reasonIs RefusalReason.UnknownFormat [||] "nothing"
                reasonIs RefusalReason.UnknownFormat (Array.init 5000 (fun _ -> byte (random.Next 256))) "random bytes"

                reasonIs
                    RefusalReason.Unsupported
                    (Encoding.UTF8.GetBytes "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")
                    "SVG"

                reasonIs RefusalReason.Unsupported (Encoding.ASCII.GetBytes "%PDF-1.7\n%%EOF") "PDF"
            }

            test "a text that begins like a BMP is no damaged picture" {
                reasonIs RefusalReason.UnknownFormat "BMW 12\000\000\000\000"B "its beginning alone"
                reasonIs RefusalReason.UnknownFormat "BMW 12\000\000\000\000 is the best of all cars"B "more of it"
            }

            test "headers of accepted formats before random bytes are refused" {
                let random = Random 2

                for name, header in
                    [
                        "JPEG", [| 0xFFuy; 0xD8uy; 0xFFuy; 0xE0uy |]
                        "PNG", [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]
                        "GIF", "GIF89a"B
                        "WebP", Array.concat [ "RIFF"B; [| 0uy; 16uy; 0uy; 0uy |]; "WEBPVP8 "B ]
                    ] do
                    for _ in 1..20 do
                        let file = Array.append header (Array.init 4000 (fun _ -> byte (random.Next 256)))
                        reasonIs RefusalReason.Damaged file name
            }

            test "a truncated picture is refused, wherever it ends" {
                use image = scene 400 300

                for name, file in
                    [
                        "JPEG", jpeg image
                        "PNG", png image
                        // Without metadata behind the pixels, which may be missing.
                        "WebP", image.WebpsaveBuffer(keep = Nullable Enums.ForeignKeep.None)
                        "GIF", image.GifsaveBuffer()
                    ] do
                    for percent in 1..98 do
                        let cut = file[.. file.Length * percent / 100 - 1]
                        Expect.isSome (reasonOf cut) $"{name} cut at {percent} %%"
            }

            test "more pixels than the limit are refused before decoding" {
                use image = scene 200 100
                isRefused (ImagingLimits(19_999L, 65_535)) RefusalReason.TooLarge "200 x 100" (png image) "too large"
                isRefused (ImagingLimits(1_000_000L, 199)) RefusalReason.TooLarge "" (png image) "too wide"
            }

            test "a refusal is one line" {
                use image = scene 400 300
                let file = jpeg image

                let refusal = (refusalOf ImagingLimits.Standard file[.. file.Length / 2]).Value
                Expect.isFalse (refusal.Detail.Contains '\n') refusal.Detail
            }
        ]
