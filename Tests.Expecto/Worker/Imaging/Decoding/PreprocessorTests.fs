module Tests.Expecto.Worker.PreprocessorTests

open System
open Expecto
open NetVips
open Scenarios.Pictures
open Tests.Expecto.Worker.Files
open Tests.Expecto.Worker.Pictures
open Worker.Imaging

let private near within (reference: int[]) file name =
    Expect.isLessThanOrEqual (distance reference (pixelsOf file) float) within name

let private orientations =
    testList
        "EXIF orientation"
        [
            for width, height in [ 300, 400; 500, 260 ] do
                for orientation in 1..8 do
                    test $"{orientation} of {width} x {height}, stored without loss, gives the very same tensor" {
                        use shown = scene width height
                        use turned = stored orientation shown
                        use image = tagged orientation turned
                        let expected = tensorOf (png shown)
                        Expect.equal (tensorOf (png image)) expected "PNG"
                        let webp = image.WebpsaveBuffer(lossless = Nullable true, exact = Nullable true)
                        Expect.equal (tensorOf webp) expected "WebP"
                    }

                    test $"{orientation} of {width} x {height} as a JPEG" {
                        use shown = scene width height
                        use turned = stored orientation shown
                        use image = tagged orientation turned
                        near 6.0 (pixelsOf (png shown)) (jpeg image) "as shown"
                    }
        ]

let private colours =
    testList
        "colours"
        [
            test "alpha is blended over white and rounded as Pillow does" {
                // A row for every alpha, a column for every level; the kept square is the whole image.
                let blended (level: int) (alpha: int) =
                    (level * alpha + 255 * (255 - alpha) + 127) / 255

                let expected = Array.init (256 * 256) (fun i -> blended (i % 256) (i / 256))

                let shown file =
                    (planesOf (plain 256 256) file |> levels)
                    |> Array.chunkBySize 3
                    |> Array.map Array.head

                let save (image: Image) =
                    [
                        png image
                        image.WebpsaveBuffer(lossless = Nullable true, exact = Nullable true)
                    ]

                use colour = draw 256 256 4 (fun x y -> [| byte x; byte x; byte x; byte y |])

                for file in save colour do
                    Expect.equal (shown file) expected "RGBA"

                use grey = draw 256 256 2 (fun x y -> [| byte x; byte y |])
                Expect.equal (shown (png grey)) expected "grey with alpha"
                use deep = deep colour
                Expect.equal (shown (png deep)) expected "the high bytes of 16 bits"
            }

            test "grey pixels are equal in all three channels" {
                use grey = flat 300 300 [| 77uy |]
                let expected = Array.create (224 * 224 * 3) 77
                near 0.0 expected (png grey) "PNG"
                near 1.0 expected (jpeg grey) "JPEG"
            }

            test "16 bits keep their high byte" {
                use image = scene 300 280
                use deep = deep image
                let file = png deep
                use check = Image.NewFromBuffer file
                Expect.equal check.Format Enums.BandFormat.Ushort "really 16 bits"
                near 0.0 (pixelsOf (png image)) file "colour"

                use deepGrey =
                    deep.ExtractBand(0).Copy(interpretation = Nullable Enums.Interpretation.Grey16)

                use shallow = grey 0 image
                near 0.0 (pixelsOf (png shallow)) (png deepGrey) "grey"
            }

            test "palettes are resolved, with one bit too" {
                use image = scene 300 280
                near 40.0 (pixelsOf (png image)) (image.PngsaveBuffer(palette = Nullable true)) "256 colours"
                use bits = draw 300 300 1 (fun x _ -> [| (if x < 150 then 0uy else 255uy) |])
                let file = bits.PngsaveBuffer(bitdepth = Nullable 1)
                near 0.0 (pixelsOf (png bits)) file "one bit"
            }

            test "surplus transparency entries are ignored" {
                let palette = pngChunk "PLTE" [| 200uy; 0uy; 0uy; 0uy; 0uy; 200uy |]

                let file colourType (palette: byte[]) (pixels: byte[]) (transparency: byte[]) =
                    zlib (Array.append [| 0uy |] pixels)
                    |> pngOf [ PngWriter.Header(1, 1, colourType); palette; pngChunk "tRNS" transparency ]

                let shown file = Array.truncate 3 (pixelsOf file)
                Expect.equal (shown (file 3uy palette [| 1uy |] [| 255uy; 0uy; 7uy |])) [| 255; 255; 255 |] "palette"
                Expect.equal (shown (file 3uy palette [| 0uy |] [| 255uy; 0uy; 7uy |])) [| 200; 0; 0 |] "opaque entry"
                let many = Array.append [| 255uy; 0uy |] (Array.create 300 9uy)
                Expect.equal (shown (file 3uy palette [| 1uy |] many)) [| 255; 255; 255 |] "300 surplus entries"
                Expect.equal (shown (file 0uy [||] [| 9uy |] [| 0uy; 9uy; 1uy |])) [| 255; 255; 255 |] "grey"
                let colour = [| 9uy; 8uy; 7uy |]
                let transparent = [| 0uy; 9uy; 0uy; 8uy; 0uy; 7uy; 0uy; 0uy |]
                Expect.equal (shown (file 2uy [||] colour transparent)) [| 255; 255; 255 |] "colour"
            }

            test "CMYK as Pillow mixes it" {
                use inks = inks ()
                let file = inks.JpegsaveBuffer(q = Nullable 100)
                use check = Image.NewFromBuffer file
                Expect.equal check.Interpretation Enums.Interpretation.Cmyk "really CMYK"
                near 2.0 (Array.init (224 * 224 * 3) (fun i -> int inksAsRgb[i % 3])) file "no red, a fifth of black"
            }
        ]

let private formats =
    testList
        "formats"
        [
            test "JPEG: progressive and baseline decode alike" {
                use image = scene 350 270
                let baseline = image.JpegsaveBuffer(q = Nullable 90)
                let progressive = image.JpegsaveBuffer(q = Nullable 90, interlace = Nullable true)
                Expect.notEqual progressive.Length baseline.Length "two files"
                Expect.equal (tensorOf progressive) (tensorOf baseline) "one picture"
            }

            test "an interlaced PNG is decoded" {
                use image = scene 350 270
                Expect.equal (tensorOf (image.PngsaveBuffer(interlace = Nullable true))) (tensorOf (png image)) "alike"
            }

            test "an animation's first frame is decoded" {
                use first = scene 300 260
                use second = flat 300 260 [| 255uy; 0uy; 0uy |]
                use third = flat 300 260 [| 0uy; 0uy; 255uy |]
                use moving = animated [ first; second; third ]
                let gif = moving.GifsaveBuffer(dither = Nullable 0.0)
                use check = Image.NewFromBuffer(gif, kwargs = VOption(), strOptions = "n=-1")
                Expect.equal check.Height (3 * 260) "really three frames"
                near 40.0 (pixelsOf (png first)) gif "GIF"
                let webp = moving.WebpsaveBuffer(lossless = Nullable true)
                near 0.0 (pixelsOf (png first)) webp "WebP"
            }

            test "extreme aspect ratios are resized" {
                use dot = flat 1 1 [| 10uy; 20uy; 30uy |]
                Expect.isNone (reasonOf (png dot)) "1 x 1"
                use tall = scene 20 6000
                Expect.isNone (reasonOf (png tall)) "20 x 6000"
                Expect.isNone (reasonOf (jpeg tall)) "20 x 6000"
                use broad = scene 6000 20
                Expect.isNone (reasonOf (png broad)) "6000 x 20"
            }

            test "the same bytes give the same tensor, whatever came between" {
                use image = scene 333 444
                use other = scene 1500 61
                let model = Preprocessor(squeezenet, ImagingLimits.Standard)
                let again file = run model squeezenet.Length file
                let file = jpeg image
                let before = again file
                again (png other) |> ignore
                Expect.equal (again file) before "again"
                Expect.equal before (Ok(tensorOf file)) "by another"
            }
        ]

let tests = testList "Preprocessor" [ orientations; colours; formats ]
